"""Between lifecycle and engine: the slice holds runs, the store keeps a run's work, the committer
writes finished pages."""
