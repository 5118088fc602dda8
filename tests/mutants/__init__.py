"""Mutants of the core: one rule flipped at a time, which the tests must notice. ``make mutants`` runs them."""
