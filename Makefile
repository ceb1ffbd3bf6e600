# `make` lists what there is. Everything runs in .venv, which these recipes make.
# Another interpreter: make PYTHON=python3.12 setup

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo check lint types test simulate chaos bench bench-sweep bench-export screenshots clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.with-dev ## install idweave and the tools of `check` into .venv

demo: $(VENV)/.with-run ## watch idweave weave made-up people, on a broker of its own
	@exec $(BIN)/idweave demo

check: lint types test ## everything that must pass before a commit

lint: $(VENV)/.with-dev ## format, lint rules, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(VENV)/.with-dev ## mypy, strict
	$(BIN)/mypy

test: $(VENV)/.with-dev ## all tests; those marked kafka start a real broker
	$(BIN)/pytest

DURATION ?= 600
SEED ?= 7

SEEDS ?= 0..20000
simulate: $(VENV)/.with-dev ## the pipeline under simulated faults; SEEDS=A..B
	@exec $(BIN)/python -m tests.simulation --seeds $(SEEDS)

chaos: $(VENV)/.with-dev ## kill, freeze, wipe and fill on real Kafka; DURATION=600 SEED=7
	@exec $(BIN)/python -m tests.chaos --duration $(DURATION) --seed $(SEED)

bench: $(VENV)/.with-run ## how near the rate limits lookups come, on a broker of its own
	@exec $(BIN)/python -m benchmarks.lookups

bench-sweep: $(VENV)/.with-run ## whether a business goes on while an app of a million people leaves it
	@exec $(BIN)/python -m benchmarks.sweep

bench-export: $(VENV)/.with-dev ## how fast, and in how much memory, ten million members become Parquet
	@exec $(BIN)/python -m benchmarks.export

screenshots: $(VENV)/.with-dev ## the pictures of the explorer's document, in docs/images
	@exec $(BIN)/python -m tests.explorer.screenshots

clean: ## remove .venv, caches, built and fetched files
	rm -rf $(VENV) dist deploy/kafka/libs .state
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps say what is installed; a step is done again when pyproject.toml changes.

# --clear: Debian without python3-venv leaves half an environment behind.
$(VENV)/.made:
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

$(VENV)/.with-run: pyproject.toml | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.with-dev: pyproject.toml | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.with-run
