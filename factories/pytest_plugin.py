"""Moved to seedbed.pytest_plugin; installations from before the move still name this."""
