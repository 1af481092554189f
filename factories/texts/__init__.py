"""Texts: what people say, what they are called, and in which language."""
