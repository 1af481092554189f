"""The service-backed strategy for factory_boy."""
