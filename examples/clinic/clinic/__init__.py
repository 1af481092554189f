"""A clinic: patients see doctors, one at a time."""
