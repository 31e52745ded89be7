# make report   set up, build the warehouse, write the comparison report
# make test     set up, run the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup build report lab test check bench soak score format docs notebooks lock licences audit newest pythons clean

help: ## show what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY) ## install everything into .venv (nothing to do the second time)

build: setup ## read data/raw into the warehouse
	$(BIN)/dxlib build

report: build ## write reports/comparison-online_procedures-ja/ and reports/index.html
	$(BIN)/dxlib report comparison

lab: build ## open JupyterLab on the notebooks
	$(BIN)/dxlib lab

test: build ## run all tests (a browser test needs Chromium; without it, it is skipped and says so)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder
	JUPYTER_DEFAULT_PROVISIONER_NAME=dxlib-warm $(BIN)/python -m pytest -o addopts= -q --nbval --nbval-current-env notebooks

check: setup ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: build ## measure reports, builds, questions and starts side by side (docs/performance.md; a quarter of an hour)
	$(BIN)/python bench/run.py

soak: build ## the long suites: kills, bad input, hostile text, mutants, long tests (docs/reliability.md; within an hour)
	-$(BIN)/python -m pip install --quiet --no-deps "atheris>=3"  # without it the search guided by coverage is left out
	$(BIN)/python tests/soak/run.py

score: setup ## how well documents are read that the readers were not written for (docs/extraction.md)
	$(BIN)/python tests/collection/score.py --write

format: setup ## let the tools format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: build ## write the pages of docs/ that are made from data (dictionary, themes, rules, suggestions)
	$(BIN)/python -m dxlib.handbook docs
	$(BIN)/python bench/suggestions.py docs/themes-suggested.md

notebooks: build ## run the notebooks and keep their outputs
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False \
	  --ExecutePreprocessor.store_widget_state=False notebooks/*.ipynb

lock: ## resolve requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --upgrade --output-file requirements.lock

licences: setup ## the licence of every package of the lock; fails on an unknown or forbidden one
	$(BIN)/python bench/licences.py

# Tools and Pythons beside the lock live in folders of their own (docs/upkeep.md). All but licences need a package registry.
# PYTHONS: the interpreters to try, by name or path. QUICK: what is run in each.
PYTHONS ?= python3.11 python3.12 python3.13
QUICK ?= tests/test_text.py tests/test_quantity.py tests/test_formats.py tests/test_warehouse.py tests/test_workers.py \
  tests/test_warm.py tests/test_doctor.py tests/test_log.py tests/test_versions.py tests/test_cli.py
OTHER := .venv-other

audit: ## known vulnerabilities of the locked packages
	$(PYTHON) -m venv $(OTHER)/audit
	$(OTHER)/audit/bin/python -m pip install --quiet pip-audit
	$(OTHER)/audit/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

newest: build ## the newest versions of everything, without the lock, and a quick part of the tests
	$(PYTHON) -m venv --clear $(OTHER)/newest
	$(OTHER)/newest/bin/python -m pip install --quiet --upgrade pip hatchling editables
	$(OTHER)/newest/bin/python -m pip install --quiet --upgrade --upgrade-strategy eager --no-build-isolation --editable ".[dev]"
	$(OTHER)/newest/bin/python -m pytest -q $(QUICK)

pythons: build ## each Python of PYTHONS with the locked versions, and a quick part of the tests, one after the other
	set -e; for python in $(PYTHONS); do \
	  place=$(OTHER)/$$(basename $$(dirname $$(dirname $$(command -v $$python))))-$$(basename $$python); \
	  echo "== $$($$python --version)"; \
	  $$python -m venv $$place; \
	  $$place/bin/python -m pip install --quiet --require-hashes -r requirements.lock; \
	  $$place/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .; \
	  $$place/bin/python -m pytest -q $(QUICK); \
	done

clean: ## remove what was built
	rm -rf $(VENV) .venv-other data/curated/dx.duckdb data/curated/.readings
	find reports -mindepth 1 -maxdepth 1 ! -name '*.md' ! -name '*.toml' -exec rm -rf {} +
