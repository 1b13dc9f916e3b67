"""Pages drawn by a real Chromium: `make test-rendering`."""
