"""When to read, and what becomes of a reading: schedule, lease, re-reads."""
