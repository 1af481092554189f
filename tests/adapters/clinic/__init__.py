"""A clinic on Django: its services have rules and counters of their own, and know nothing of factories."""
