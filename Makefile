# Two commands: `make live` opens the web app, `make test` runs every test. Both create what they need and are quick again.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt

.PHONY: live lock test lint demo clean

live: .venv/runtime
	$(BIN)/streamlit run streamlit_app.py

demo: .venv/runtime
	$(BIN)/python -m app.demo outputs/demo

# torch stays at one version: a range would pull gigabytes of CUDA packages
lock:
	$(BIN)/python -m pip install --quiet uv
	mkdir -p build
	echo "torch==2.13.0" | $(BIN)/uv pip compile setup.cfg --all-extras --universal --python-version 3.11 --no-annotate \
	  --no-header --quiet --constraint - --output-file build/lock.txt
	{ echo "# Written by \`make lock\`, for every Python from 3.11 on; torch itself pins its CUDA packages."; \
	  grep -vE '^(nvidia|triton|cuda)' build/lock.txt; } > constraints.txt

test: .venv/dev lint
	$(BIN)/python -m pytest

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/runtime: setup.cfg pyproject.toml constraints.txt
	@new=$$(test -e .venv || echo .venv); \
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv || { rm -rf $$new; \
	  echo "$(PYTHON) must be Python 3.11 or newer with venv, see above. On Debian and Ubuntu: sudo apt install python3-venv." \
	    "Elsewhere name another Python: make PYTHON=python3.12" >&2; exit 1; }
	$(PIP) --editable .
	touch $@

.venv/dev: .venv/runtime
	$(PIP) --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv build *.egg-info
