"""The screens: each arranges panels and answers keys."""
