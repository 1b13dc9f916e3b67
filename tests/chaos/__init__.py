"""``make chaos``: the whole site, runs on the shop, and everything killed in turn.

After every kill the database is checked in one snapshot; at the end each run must be, row for row,
what it is when nobody disturbs it. See docs/chaos.md.
"""
