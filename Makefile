# make run: set up what is missing and start the service with its embedded demo.
# make test: set up what is missing and pass every test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready
PACKAGES := models fhir_mapping cds_service
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help run test check fix lock parameters docs validate bench clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(RUN_READY): requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_READY): requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(RUN_READY)

run: $(RUN_READY) ## Set up what is missing and start the service with its embedded demo
	$(BIN)/hcc-cds demo

test: $(DEV_READY) ## Set up what is missing and pass every test
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term

check: $(DEV_READY) ## Check everything, change nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.locks

fix: $(DEV_READY) ## Format and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(DEV_READY) ## Lock the dependencies again, with hashes and without index addresses
	$(UV_COMPILE) requirements/build.in -o requirements/build.txt
	$(UV_COMPILE) pyproject.toml -o requirements/run.txt
	$(UV_COMPILE) pyproject.toml --all-extras --group dev -o requirements/dev.txt

parameters: $(DEV_READY) ## Rebuild models/parameters from public data
	$(BIN)/python -m models.derivation

docs: $(DEV_READY) ## Render the docs that are made from code and data
	$(BIN)/python -m tests.render_docs

validate: $(DEV_READY) ## Compute the validation report on public data
	$(BIN)/python -m models.validation

bench: $(DEV_READY) ## Measure a call against a bare endpoint, as a ratio
	$(BIN)/python -m bench.hook_throughput

clean: ## Remove the virtual environment and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
