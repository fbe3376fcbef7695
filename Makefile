# make demo · make test · make check · make bench · make train-tiny — each sets up what it needs in .venv
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SET_UP := $(VENV)/.set-up

.PHONY: demo test check bench train-tiny docs clean

demo: $(SET_UP)
	$(BIN)/geoseg demo demo --overwrite

test: $(SET_UP)
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n auto

check: $(SET_UP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_imports.py

bench: $(SET_UP)
	$(BIN)/python tests/benchmarks/bench_scene.py

# Goes on where it was when it is stopped. About three and a half hours on two cores; the two variables keep
# freed memory for the next step (docs/training.md).
train-tiny: $(SET_UP)
	MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 $(BIN)/geoseg train configs/train/tiny.yaml

docs: $(SET_UP)
	$(BIN)/python docs/generate.py

# Debian splits venv from python3, and a bare machine has only the latter.
$(BIN)/python:
	$(PYTHON) -c 'import ensurepip' || { apt-get -qq update && apt-get -qq install -y python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(SET_UP): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) demo
