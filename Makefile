# Everything a checkout needs. Python 3.11 or newer, make and git are enough.
#   make seed ARGS="-e minimal --json"      make test ARGS="tests/laws -k counter"

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.seedbed-installed
MARKER := $(VENV)/.seedbed-installing
LOCK   := requirements.lock
ARGS   ?=
COSMIC_RAY := cosmic-ray==8.7.0
PLAYWRIGHT := playwright==1.65.2

# The newest Python that can make an environment; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
# A test run with a worker a core; four at most, since each holds an engine.
WORKERS ?= -n auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help install seed test digests coverage lint format types docs browser mutants bench lock clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

install: $(STAMP) ## Create .venv and install the locked dependencies and this project into it.

# The lock names every package, so pip has nothing to resolve: with --no-deps it looks at no version but the locked one.
# (Without, pip 23.2 looks at the newest coverage for pytest-cov's coverage[toml], and refuses what has no hash.)
# An installation that stopped half way can leave a package that pip takes for whole; so the next starts anew.
$(STAMP): $(LOCK) pyproject.toml
	@if [ -e $(MARKER) ]; then echo "The last installation did not finish; starting $(VENV) anew."; rm -rf $(VENV); fi
	@if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		if ! "$(PYTHON)" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Seedbed needs Python 3.11 or newer with the venv module; found: $$("$(or $(PYTHON),python3)" --version 2>&1 || true)." >&2; \
			echo "Install one (Debian: python3 and python3-venv), or name it: make install PYTHON=/path/to/python3" >&2; \
			exit 1; \
		fi; \
		rm -rf $(VENV) && mkdir $(VENV) && touch $(MARKER) && "$(PYTHON)" -m venv $(VENV); \
	fi
	@touch $(MARKER)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip check
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f $(MARKER) && touch $@

seed: $(STAMP) ## Fill the embedded engine (or an endpoint) with a social world; ARGS go to the command.
	@$(BIN)/seed $(ARGS)

test: $(STAMP) ## Run the tests; ARGS go to pytest.
	$(BIN)/python -m pytest $(WORKERS) $(ARGS)

digests: $(STAMP) ## Record anew what each preset and scenario makes; say why in CHANGELOG.md.
	@$(BIN)/python -m tests.digests

coverage: $(STAMP) ## Run the tests under branch coverage and report what they miss.
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(WORKERS) $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(STAMP) ## Check style and format.
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(STAMP) ## Mend what Ruff can mend.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(STAMP) ## Check types.
	$(BIN)/mypy

# Sphinx and MyST bring twenty packages that only the site needs, so they are installed when it is first asked for.
docs: $(STAMP) ## Build the site of docs/ into docs/build, strictly; ARGS go to Sphinx.
	@$(BIN)/python -c 'import myst_parser' 2>/dev/null || $(BIN)/python -m pip install --quiet \
		--disable-pip-version-check --no-deps --require-hashes -r docs/requirements.lock
	$(BIN)/python -m sphinx -q -W --keep-going -b html $(ARGS) docs docs/build

# Playwright is 50 MB with the Node.js in it, and only this needs it; the browser is the machine's own.
browser: $(STAMP) ## Look at the pages in Chromium, which must be installed; ARGS go to pytest.
	@$(BIN)/python -c 'import playwright' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PLAYWRIGHT)
	$(BIN)/python -m pytest -m browser tests/browser $(ARGS)

# Cosmic Ray brings a dozen packages that nothing else here needs, so it is installed when it is first asked for.
mutants: $(STAMP) ## Change one thing at a time and name what no test notices; ARGS are modules.
	@$(BIN)/python -c 'import cosmic_ray' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check $(COSMIC_RAY)
	@nice -n 19 $(BIN)/python -m tests.mutants $(ARGS)

bench: $(STAMP) ## Measure the README's figures; ARGS go to the benchmarks.
	@$(BIN)/python -m benchmarks $(ARGS)

lock: ## Renew requirements.lock; needs uv.
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --all-extras \
		--group dev --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o $(LOCK) $(ARGS)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group docs --constraint $(LOCK) \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o docs/requirements.lock $(ARGS)

clean: ## Remove what the other targets made.
	rm -rf $(VENV) .engine build dist docs/build htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
