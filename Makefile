# Two commands set everything up: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# Fast tests still come first; a worker that has none left takes some of another's.
ON_ALL_CORES := -n auto --dist worksteal

export DAGSTER_DISABLE_TELEMETRY := yes
export GX_ANALYTICS_ENABLED := False

.PHONY: demo ui test test-full lint types docs lock clean

demo: $(STAMP)  ## build a release from the sources that the packages carry
	$(BIN)/itd build --profile demo

ui: $(STAMP)  ## the Dagster UI
	$(BIN)/itd ui

test: $(STAMP) lint types  ## everything but the tests that take minutes
	$(BIN)/python -m pytest -m "not full" $(ON_ALL_CORES)

test-full: $(STAMP) lint types  ## everything
	$(BIN)/python -m pytest $(ON_ALL_CORES)

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

docs: $(STAMP)  ## settings reference and data dictionary, from the definitions
	$(BIN)/itd docs

lock:  ## needs uv; the lock carries versions and hashes, no address
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev \
	  pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) data/lake .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --no-deps: the lock is complete, and one package's own wish (a model runtime that compiles) is left out on purpose.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)
