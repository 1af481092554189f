"""`python -m seedbed`: the command `seed`, where its script is not on the path."""

from seedbed.command.cli import main

if __name__ == "__main__":
    main()
