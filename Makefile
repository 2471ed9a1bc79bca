# One command each, the same for people and for CI. `make help` lists them.

VENV := .venv
PY := $(VENV)/bin/python
# What running needs, and what tests, checks and the build need beside it: one environment.
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
# Tools whose own pins clash with ours live apart.
CHECKS := .venv-checks/.installed
ENGINE := .venv-rehearsal/.installed
PINNED := requirements requirements-run requirements-dev requirements-checks requirements-rehearsal

.DEFAULT_GOAL := help
.PHONY: help install run test coverage check compile build rehearse bench messages pins chromium clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

help: ## Show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

install: $(RUN) ## Install what running and `zaklik` need into .venv (every command does it when it must)

run: $(RUN) ## Run the whole service on this machine: http://127.0.0.1:8000 (PORT=… STATE_DIR=…)
	@exec $(PY) -m ops.local

test: check compile chromium ## Check, then run every test (ARGS=… goes to pytest)
	@echo "Running the tests …"
	@$(PY) -m pytest -q -n auto --dist worksteal --durations=15 -m "not build and not e2e" $(ARGS)

coverage: compile ## Measure what the tests cover, without those that go over the same lines again
	@echo "Running the tests and measuring what they cover …"
	@$(PY) -m pytest -q -n auto --dist worksteal -m "not build and not e2e" --cov $(ARGS) \
		$(addprefix --ignore=tests/,abuse browser usecases/test_faults.py usecases/test_races.py)

check: $(DEV) ## Look for mistakes without running anything: style, types, direction of imports
	@echo "Checking style, types and imports …"
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --quiet --check . || { \
		echo "Some files are not formatted: run $(PY) -m ruff format ." >&2; exit 1; }
	@$(PY) -m mypy --no-error-summary
	@$(VENV)/bin/lint-imports --config pyproject.toml > $(VENV)/imports.log 2>&1 || { \
		cat $(VENV)/imports.log >&2; exit 1; }

compile: $(DEV) ## Compile templates, catalogues and the style sheet into chalicelib/compiled/
	@$(PY) -c "from ops import compiling; compiling.compile_all()"

build: $(DEV) $(CHECKS) ## Make package and template in build/, and check them for what can be wrong
	@$(PY) -m ops.build
	@echo "Trying whether the checks find what they are for …"
	@$(PY) -m pytest -q -n auto -m build $(ARGS)

rehearse: $(DEV) $(ENGINE) ## Deploy the package to an engine on this machine and drive the whole demo
	@CI=true $(PY) -m pytest tests/e2e -m e2e -p no:xdist -x -v --tb=short -o console_output_style=times $(ARGS)

bench: compile ## Measure what it costs and write docs/performance.md (ARGS=--short: only try it)
	@$(PY) -m bench $(ARGS)

messages: $(DEV) ## Find the sentences to translate and bring every catalogue up to date
	@$(PY) -m ops.catalogues

pins: $(DEV) ## Pin what requirements*.in ask for (ARGS=--upgrade for the newest)
	@for name in $(PINNED); do \
		echo "Pinning $$name.txt …"; \
		$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command "make pins" $(ARGS) \
			--output-file $$name.txt $$name.in || exit 1; \
	done

chromium: $(DEV) ## Fetch a browser for the tests, when there is none on this machine
	@for name in chromium chromium-browser google-chrome; do \
		command -v $$name > /dev/null 2>&1 && exit 0; \
	done; \
	PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=10000 $(PY) -m playwright install chromium \
		> $(VENV)/chromium.log 2>&1 || \
		echo "There is no Chromium here, and none could be fetched: tests in a browser cannot run."

clean: ## Remove everything that was made here, but not the state of the local run (.local)
	@rm -rf $(VENV) .venv-checks .venv-rehearsal .lighthouse build chalicelib/compiled *.egg-info htmlcov .coverage .coverage.* \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find app.py chalicelib ops tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# Finds a Python, then installs: $(call installed,environment,requirements file,more).
define installed
	@for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if "$$name" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			> /dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Zaklik needs Python 3.11 or newer, with venv, and found none." >&2; \
		echo "Install it (on Debian and Ubuntu: apt install python3 python3-venv), or say where" >&2; \
		echo "it is: make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "Installing $(2) into $(1) (a minute the first time) …"; \
	rm -f $@; \
	"$$python" ops/install.py $(1) $(2) $(3) && touch $@
endef

$(RUN): requirements-run.txt pyproject.toml
	$(call installed,$(VENV),requirements-run.txt,--project)

$(DEV): requirements-dev.txt | $(RUN)
	$(call installed,$(VENV),requirements-dev.txt)

.venv-%/.installed: requirements-%.txt
	$(call installed,.venv-$*,requirements-$*.txt)
