"""The crawler of products: rows of what shops tell machines about what they sell."""
