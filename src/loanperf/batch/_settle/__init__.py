"""Settle a book: lines of commission and bonuses to entries."""
