"""The recipe builder between page and crawler: what its form says, what its buttons do, what a
recipe gives on a saved page, and preset files."""
