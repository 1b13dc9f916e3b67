"""The vendor's own clients as they are, on a real site: only its address and a key are given."""
