"""Score a book: readings in columns to points, grades and bonuses."""
