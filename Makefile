# make setup | run | test | trial | crash | powercut | fuzz | check | bench | bench-large | bench-fairness | bench-growth | clean

PYTHON ?= python3
DATA ?= ./var
BIN := .venv/bin

.PHONY: setup run test trial crash powercut fuzz check bench bench-large bench-fairness bench-growth bench-floors clean

setup: .venv/installed

run: setup
	@$(BIN)/imapd --data $(DATA) init --demo
	@IMAPD_DATA=$(DATA) exec $(BIN)/twistd -ny twistd.tac

test: setup
	$(BIN)/pytest -n 2

trial: setup
	$(BIN)/trial ./tests

crash: setup
	$(BIN)/python -m tests.crash 300
	$(BIN)/python -m tests.crash 100 3

powercut: setup
	$(BIN)/python -m tests.crash.powercut 300

fuzz: setup
	$(BIN)/python -m tests.fuzz 600

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy

# Beside Dovecot, where that is installed: an hour, or minutes with QUICK=1; writes docs/performance.*
# (Installs nothing: what draws the figures comes by `.venv/bin/python -m pip install -e '.[bench]'`.)
bench: setup
	$(BIN)/python -m bench $(if $(QUICK),--quick)

# Accounts of up to a million messages: some minutes, and 3 GB of a disk; writes docs/large-accounts.*
bench-large: setup
	$(BIN)/python -m bench.large

# NOOPs beside a fetch of 20,000 bodies and a search; and an hour of mixed load, with the memory at every minute
bench-fairness: setup
	$(BIN)/python -m bench.fairness

bench-growth: setup
	$(BIN)/python -m bench.growth

# What Twisted, SQLite and zstd take by themselves for what a command cannot do without: a minute.
bench-floors: setup
	$(BIN)/python -m bench.floors

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis _trial_temp*

.venv/installed: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

# Debian takes ensurepip out of its Python and forbids pip to install outside a venv; the pip beside it can still fill one.
$(BIN)/pip:
	$(PYTHON) -m venv .venv >/dev/null 2>&1 || ( \
	  $(PYTHON) -m venv --clear --without-pip .venv && \
	  $(PYTHON) -m pip --python .venv/bin/python install --quiet pip )
