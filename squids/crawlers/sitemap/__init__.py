"""Addresses out of sitemaps: where a site has them, how they are read, and the crawler itself."""
