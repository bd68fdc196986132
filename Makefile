# `make help` says what there is. No root is needed, except that `make test` may install Chromium as root.

.DEFAULT_GOAL := help
.PHONY: help run test proofs bench faults check lock screenshots

PYTHON ?= python3
SINCE := $(shell date +%s)
BIN := .venv/bin
RUN := .venv/run-stamp
DEV := .venv/dev-stamp
COMPILE := --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet

# uv trusts what this machine trusts, as pip does.
export UV_SYSTEM_CERTS ?= 1

# Installs exactly what the lock file pins. uv is ten times faster; pip is always there, and has the last word.
install = @{ uv --version >/dev/null 2>&1 && uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); } \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)

help:  ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: $(RUN)  ## Start the portal on http://127.0.0.1:8000 (PORT, DATA_DIR and DEMO_PASSWORD are respected)
	@exec $(BIN)/python manage.py up --since $(SINCE)

test: $(DEV)  ## Run every test: real browser, real Redis, SQLite and PostgreSQL
	@$(BIN)/python -m tests.servers
	$(BIN)/python -m tests.servers.on_postgresql -n 2 --dist loadfile -m databases
	$(BIN)/python -m pytest -n 2 --dist loadfile

proofs: $(DEV)  ## Run the same tests with the proofs at full scale, printing their figures
	@$(BIN)/python -m tests.servers
	PROOFS=full $(BIN)/python -m tests.servers.on_postgresql -n 2 --dist loadfile -m databases -rP
	PROOFS=full $(BIN)/python -m pytest -n 2 --dist loadfile -rP --hypothesis-show-statistics

bench: $(DEV)  ## Measure every page at 100,000 packets, as each role (BENCH="--postgresql --packets 20000" for others)
	@$(BIN)/python -m tests.bench $(BENCH)

faults: $(DEV)  ## Kill workers, brokers, databases and mail servers while reminders are due (FAULTS="--reminders 10000 --kills 50")
	@$(BIN)/python -m tests.faults $(FAULTS)

check: $(DEV)  ## Lint, types, house rules, migrations in step, deploy check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy manage.py approvals audits portal tests
	$(BIN)/python -m pytest -q tests/house

screenshots: $(DEV)  ## Start the portal with the demo and take the pictures of README and docs again
	@$(BIN)/python -m tests.servers
	$(BIN)/python -m pytest -q tests/walk/screenshots.py

lock: .venv/bin/python  ## Resolve the dependencies again and pin them by hash
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) --upgrade -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) --upgrade --group dev -c requirements.lock -o requirements-dev.lock

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed. Name one that is new enough: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing. Install the package python3-venv (or run .ci/packages python3-venv as root), then run make again."; exit 1; }
	@$(PYTHON) -m venv .venv

$(RUN): requirements.lock | .venv/bin/python
	@echo "Installing what requirements.lock pins. This takes about half a minute, and only once."
	$(call install,requirements.lock)
	@touch $(RUN)

$(DEV): requirements-dev.lock | .venv/bin/python
	@echo "Installing what requirements-dev.lock pins. This takes about a minute, and only once."
	$(call install,requirements-dev.lock)
	@touch $(RUN) $(DEV)
