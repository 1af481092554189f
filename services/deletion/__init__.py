"""Deletion: of a post, a thread, a member, and of all that hangs on them."""
