"""The subcommands of `seed`, by what they are for. What each does is done elsewhere, and imported where it is used."""
