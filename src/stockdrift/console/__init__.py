"""The screen. It draws what the monitor says; it never reads a surface or a table."""
