# make report   set up, build the warehouse, write the comparison report
# make test     set up, run the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup build report lab test check bench score format docs notebooks lock clean

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

clean: ## remove what was built
	rm -rf $(VENV) data/curated/dx.duckdb data/curated/.readings
	find reports -mindepth 1 -maxdepth 1 ! -name '*.md' ! -name '*.toml' -exec rm -rf {} +
