"""Book: a bank's facts as columns, checked once."""
