"""One command for the whole site: the supervisor behind ``manage.py up`` and ``make run``.

``refusals`` says why it cannot start, ``supervisor`` keeps the processes, each of which starts
through ``child``; ``watchdog`` sees whether the queue still works; ``logs`` sums up what went
wrong.
"""
