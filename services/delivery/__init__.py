"""Delivery: what happens to feeds when somebody posts, follows or leaves."""
