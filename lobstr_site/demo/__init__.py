"""The demo shop: a deterministic local web site that the demo, the tests and the bench scrape.

Start it with ``python -m lobstr_site.demo --port 8099``; its page ``/switches`` lists what it can
be asked to do wrong. Plain asyncio, no Django.
"""
