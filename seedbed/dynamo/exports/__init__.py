"""Exports of tables in AWS's layout: where they lie, what they hold, and the rows that they come to."""
