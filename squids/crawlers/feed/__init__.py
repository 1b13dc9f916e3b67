"""Entries out of feeds: RSS, Atom and JSON Feed, each read into the same rows."""
