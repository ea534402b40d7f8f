# make setup | run | test | trial | crash | powercut | fuzz | check | bench | bench-large | clean

PYTHON ?= python3
DATA ?= ./var
BIN := .venv/bin

.PHONY: setup run test trial crash powercut fuzz check bench bench-large clean

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

powercut: setup
	$(BIN)/python -m tests.crash.powercut 300

fuzz: setup
	$(BIN)/python -m tests.fuzz 600

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy

# Beside Dovecot, where that is installed: an hour, or minutes with QUICK=1; writes docs/performance.*
bench: setup
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m bench $(if $(QUICK),--quick)

# Accounts of up to a million messages: some minutes, and 3 GB of a disk; writes docs/large-accounts.*
bench-large: setup
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m bench.large

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
