"""Numbers: exact quotients and curves over columns."""
