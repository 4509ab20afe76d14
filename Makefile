# Each target does all of its own set-up, on a machine that has Python 3.11, git and make; see tools/setup.py.
PYTHON ?= python3
BIN := .venv/bin

# What is imported is compiled once and kept, whatever the shell says: uv installs packages uncompiled, and the tests
# alone start some hundred processes that would compile them again, at 3.5 CPU seconds each.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test lint bench web setup lock clean

demo:
	@$(PYTHON) tools/setup.py run
	@$(BIN)/gridmap demo

test: setup
	@$(MAKE) --no-print-directory --jobs=2 together types
	@$(BIN)/pytest -m alone tests
	@$(MAKE) --no-print-directory style

lint: setup check

bench:
	@$(PYTHON) tools/setup.py bench
	@$(BIN)/python -m tests.benchmarks

web: setup
	@$(BIN)/python web/build.py

setup:
	@$(PYTHON) tools/setup.py test

lock:
	@$(PYTHON) tools/setup.py lock

clean:
	rm -rf .venv .cache web/dist web/node_modules

# tests that do not measure time, in two processes
.PHONY: together
together:
	@$(BIN)/pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder -m "not alone"

# what lint does, without its set-up; beside the tests, types are checked in the moments that these leave
.PHONY: check style types
check: style types

style:
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports --no-cache

types:
	@nice $(BIN)/mypy
