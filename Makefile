# Everything a checkout can do. `make help` lists it; only python3 (3.11 or newer) and make are needed to start.

PYTHON ?= python3
VENV ?= .venv
RUN = $(VENV)/bin
PIP = $(RUN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
SOURCES = src tests benchmarks docs

.PHONY: help demo test lint format bench torture mutants test-real docs picture clean

help:  ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/installed  ## The console on a simulated store; DEMO="--scenario candle" chooses another
	@$(RUN)/stockdrift demo $(DEMO)

# Three at a time on two cores: a third of the time a test waits for a terminal or a timer.
test: $(VENV)/installed-dev  ## The tests
	$(RUN)/python -m pytest -n 3 $(TESTS)

lint: $(VENV)/installed-dev  ## Style, types, import contracts
	$(RUN)/ruff check $(SOURCES)
	$(RUN)/ruff format --check $(SOURCES)
	$(RUN)/mypy
	$(RUN)/lint-imports

format: $(VENV)/installed-dev  ## Put the code into its style
	$(RUN)/ruff check --fix $(SOURCES)
	$(RUN)/ruff format $(SOURCES)

bench: $(VENV)/installed-bench  ## Figures of core, check and console beside their peers; PARTS="core check" for some
	$(RUN)/python -m benchmarks $(PARTS)

torture: $(VENV)/installed-dev  ## Slow tests: collectors killed at any moment, journals that must still open
	$(RUN)/python -m pytest -m torture
	STOCKDRIFT_EXAMPLES=new $(RUN)/python -m pytest -n 2 --timeout 600 tests/stock tests/surfaces

mutants: $(VENV)/installed-dev  ## Flips the rules of the core one by one: each must die in the tests (6 min)
	$(RUN)/python -m tests.mutants $(MUTANTS)

test-real: $(VENV)/installed-dev  ## The tests against real shop servers, installed on the first run
	PYTHON="$(RUN)/python" tests/real/run

docs: $(VENV)/installed  ## docs/settings.md from the models
	$(RUN)/python -m stockdrift.settings.reference > docs/settings.md.new
	mv docs/settings.md.new docs/settings.md

picture: $(VENV)/installed-dev  ## docs/watch.svg and docs/watch.png: the console on the flash sale
	$(RUN)/python docs/picture.py docs/watch --speed 1 --seconds 170

clean:  ## Remove the virtual environment and what tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'stockdrift needs Python 3.11 or newer as python3; name another with: make PYTHON=python3.11 …' >&2; exit 1; }
	@echo 'Making a virtual environment in $(VENV)'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo 'Python cannot make a virtual environment; on Debian and Ubuntu install python3-venv' >&2; exit 1; }

# Stamps: an installation is made once, and again when what it was made from has changed.
$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo 'Installing stockdrift'
	@$(PIP) --editable .
	@$(RUN)/python -m compileall -q src  # as pip does where it is not editable: an eighth of a second at every start
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo 'Installing the development tools'
	@$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed-dev benchmarks/constraints.txt
	@echo 'Installing what is measured against'
	@$(PIP) --constraint benchmarks/constraints.txt --editable '.[dev,bench]'
	@touch $@
