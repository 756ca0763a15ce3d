# make demo: set up, then grade submissions/demo into grades/demo
# make test: set up, then lint, types and the whole test suite; what CI runs

.PHONY: demo test check lint setup lock help
PY := .venv/bin/python

help:
	@sed -n '1,3p' Makefile

setup:
	@bash scripts/setup.sh

demo: setup
	@.venv/bin/labgrade grade submissions/demo --out grades/demo

test: lint
	@bash scripts/chromium.sh
	@$(PY) -m pytest

lint: setup
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

check: test

lock:
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --python-version 3.11 -o requirements.lock
