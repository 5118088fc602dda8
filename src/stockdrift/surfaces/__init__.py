"""Connectors: one file per system. A connector maps a vendor's wire format to readings, and nothing more."""
