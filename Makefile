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
	@$(BIN)/pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder -m "not alone"
	@$(BIN)/pytest -m alone tests
	@$(MAKE) --no-print-directory check

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

# what lint does, without its set-up
.PHONY: check
check:
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
