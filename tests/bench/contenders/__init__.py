"""Those who scrape the same pages, each in a process of its own.

``python -m tests.bench.contenders.NAME SHOP TASKS FILE`` answers pages, seconds, rows and their
digest. Starting the process is left out for all alike: the clock runs from just before the first
request, or the launch, until the last row is written and everything is closed.
"""
