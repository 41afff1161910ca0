# make run    the bot on its embedded default (SQLite, messages on the terminal until a token is set)
# make test   the tests; make check: lint, types, layers; make bench: speed and memory as ratios; make faults: 500 kills and more
# Each creates what it needs in .venv and is safe to repeat.

PYTHON ?= python3.11
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test test-full faults check bench clean
.DELETE_ON_ERROR:

run: $(VENV)/.run
	@trap : INT; $(BIN)/seedwatch run || [ $$? -eq 130 ]  # Ctrl-C is how one stops it, and no error

test: $(VENV)/.dev
	$(BIN)/python -m pytest

test-full: $(VENV)/.dev
	$(BIN)/python -m pytest --full

faults: $(VENV)/.dev
	$(BIN)/python -m tests.scenarios.faults --kills 500

check: $(VENV)/.dev
	$(BIN)/ruff check bot watchers seeds tests
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

bench: $(VENV)/.bench
	$(BIN)/python -m tests.benchmarks

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet 'pip>=25.1'  # older ones warn of extras whose names they do not normalise

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt --editable '.[all]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) install --quiet --constraint constraints.txt --group test --group check
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	$(PIP) install --quiet --constraint constraints.txt --group bench
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
