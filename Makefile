# One command each, the same for people and for CI. `make help` lists them.

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
# Tools whose own pins clash with ours live apart.
CHECKS := .venv-checks/.installed
ENGINE := .venv-rehearsal/.installed
PIP := $(PY) -m pip --disable-pip-version-check --quiet install

.DEFAULT_GOAL := help
.PHONY: help install run test check compile build rehearse bench messages pins chromium clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

help: ## Show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

install: $(INSTALLED) ## Install what is needed into .venv (every other command does it when it must)

run: $(INSTALLED) ## Run the whole service on this machine: http://127.0.0.1:8000 (PORT=… STATE_DIR=…)
	@exec $(PY) -m ops.local

test: check compile chromium $(CHECKS) ## Check, then run every test and measure what they cover
	@echo "Running the tests …"
	@$(PY) -m pytest -q $(ARGS) -n auto --dist worksteal --cov

check: $(INSTALLED) ## Look for mistakes without running anything: style, types, direction of imports
	@echo "Checking style, types and imports …"
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --quiet --check . || { \
		echo "Some files are not formatted: run $(PY) -m ruff format ." >&2; exit 1; }
	@$(PY) -m mypy --no-error-summary
	@$(VENV)/bin/lint-imports --config pyproject.toml > $(VENV)/imports.log 2>&1 || { \
		cat $(VENV)/imports.log >&2; exit 1; }

compile: $(INSTALLED) ## Compile templates, catalogues and the style sheet into chalicelib/compiled/
	@$(PY) -c "from ops import compiling; compiling.compile_all()"

build: $(INSTALLED) $(CHECKS) ## Make package and template in build/, and check them for what can be wrong
	@$(PY) -m ops.build

rehearse: compile $(ENGINE) ## Deploy the package to an engine on this machine and drive the whole demo
	@$(PY) -m ops.rehearsal

bench: compile ## Measure what it costs and write docs/performance.md
	@$(PY) -m bench

messages: $(INSTALLED) ## Find the sentences to translate and bring every catalogue up to date
	@$(PY) -m ops.messages

pins: $(INSTALLED) ## Pin what requirements*.in ask for (ARGS=--upgrade for the newest)
	@for wanted in requirements requirements-dev requirements-checks requirements-rehearsal; do \
		echo "Pinning $$wanted.txt …"; \
		env -u PIP_FIND_LINKS CUSTOM_COMPILE_COMMAND="make pins" \
		$(PY) -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe \
			--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
			$(ARGS) --output-file $$wanted.txt $$wanted.in || exit 1; \
	done

chromium: $(INSTALLED) ## Fetch a browser for the tests, when there is none on this machine
	@for name in chromium chromium-browser google-chrome; do \
		command -v $$name > /dev/null 2>&1 && exit 0; \
	done; \
	PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=10000 $(PY) -m playwright install chromium \
		> $(VENV)/chromium.log 2>&1 || \
		echo "There is no Chromium here, and none could be fetched: tests in a browser cannot run."

clean: ## Remove everything that was made here, but not the state of the local run (.local)
	@rm -rf $(VENV) .venv-checks .venv-rehearsal build chalicelib/compiled *.egg-info htmlcov .coverage .coverage.* \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find app.py chalicelib ops tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements-dev.txt pyproject.toml
	@for name in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		if "$$name" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			> /dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Zaklik needs Python 3.11 or newer, with venv, and found none." >&2; \
		echo "Install it (on Debian and Ubuntu: apt install python3 python3-venv), or say where" >&2; \
		echo "it is: make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "Installing what Zaklik needs into $(VENV) (a minute or two the first time) …"; \
	rm -f $@; \
	"$$python" -m venv $(VENV) && \
	$(PIP) --require-hashes -r requirements-dev.txt && \
	$(PIP) --no-deps --no-build-isolation -e . && \
	touch $@

.venv-%/.installed: requirements-%.txt | $(INSTALLED)
	@echo "Installing $* tools into .venv-$* (a minute the first time) …"; \
	rm -f $@; \
	$(PY) -m venv .venv-$* && \
	.venv-$*/bin/python -m pip --disable-pip-version-check --quiet install \
		--require-hashes -r requirements-$*.txt && \
	touch $@
