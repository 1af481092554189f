"""Rows: keys, what stands in them, whose they are."""
