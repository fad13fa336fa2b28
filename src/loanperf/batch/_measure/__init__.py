"""Measure a book: facts in columns to readings."""
