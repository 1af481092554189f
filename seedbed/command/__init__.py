"""What every suite's command needs: exit codes, streams, options told once."""
