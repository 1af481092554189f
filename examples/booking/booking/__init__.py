"""Seats at events, booked over HTTP: who comes when all are taken waits, and moves up."""
