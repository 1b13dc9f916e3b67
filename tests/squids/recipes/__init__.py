"""The recipe builder."""
