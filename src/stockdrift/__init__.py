"""stockdrift: watch inventory-sync drift live, see why it happens, fix it from the keyboard."""

__version__ = "0.1.0"
