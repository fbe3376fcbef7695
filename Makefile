# make demo · make test · make check · make bench — each sets up what it needs in .venv
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SET_UP := $(VENV)/.set-up

.PHONY: demo test check bench docs clean

demo: $(SET_UP)
	$(BIN)/geoseg demo demo

test: $(SET_UP)
	$(BIN)/pytest -q

check: $(SET_UP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_imports.py

bench: $(SET_UP)
	$(BIN)/python tests/benchmarks/bench_scene.py

docs: $(SET_UP)
	$(BIN)/python docs/generate.py

# Debian splits venv from python3; where it is missing, root can have it from the same place.
$(BIN)/pip:
	$(PYTHON) -m venv --clear $(VENV) || { \
		apt-get -qq update && apt-get -qq install -y python3-venv && \
		$(PYTHON) -m venv --clear $(VENV); }

$(SET_UP): $(BIN)/pip pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) demo
