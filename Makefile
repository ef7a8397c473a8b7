# Two commands: `make live` opens the web app, `make test` runs every test. Both create what they need and are quick again.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt

.PHONY: live test lint demo clean

live: .venv/runtime
	$(BIN)/streamlit run streamlit_app.py

demo: .venv/runtime
	$(BIN)/python -m app.demo outputs/demo

test: .venv/dev lint
	$(BIN)/python -m pytest

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/runtime: setup.cfg pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --editable .
	touch $@

.venv/dev: .venv/runtime
	$(PIP) --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv build *.egg-info
