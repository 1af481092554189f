"""A whole world: who is in it, in which phases it is made, and how far it has come."""
