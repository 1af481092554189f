"""Test data that goes through the services of an application: a library for factory_boy."""
