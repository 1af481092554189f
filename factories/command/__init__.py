"""The command that fills a database: `seed`."""
