"""Shops that this project did not write, in their wire formats: what the ordinary tests read instead."""

from tests.doubles import medusa, vendure

__all__ = ["medusa", "vendure"]
