"""Links of a site's pages: how they are found, what became of them, and the crawler itself."""
