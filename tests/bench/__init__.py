"""The bench: ``python -m tests.bench``, what it measures and why in docs/performance.md.

Each module named in ``figures.GROUPS`` measures one group of figures, in a process of its own on a
data folder of its own, and answers on its standard output.
"""
