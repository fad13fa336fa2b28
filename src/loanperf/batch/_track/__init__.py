"""Track a period: facts one by one to readings, scores, pay and alerts at any moment."""
