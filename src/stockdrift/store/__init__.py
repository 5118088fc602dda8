"""The journal: an append-only record of every poll and level change."""
