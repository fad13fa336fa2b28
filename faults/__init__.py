"""Faults: a month-end is killed, starved, locked out and doubled, and must come to what it comes to in peace."""
