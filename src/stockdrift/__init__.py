"""stockdrift: watch inventory-sync drift live and see why it happens."""

__version__ = "0.1.0"
