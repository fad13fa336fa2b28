"""Accrue a book: facts in columns and plans to lines of commission."""
