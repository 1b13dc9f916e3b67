"""Pages that need JavaScript: a real browser draws them, and goes out by our own door only."""
