# `make` alone lists the targets. Everything works in .venv; the first target that needs it makes it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test soak soak-batch fuzz check lint types layers unused dist bench lock clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

# Versions and hashes are pinned; only packages whose hash is listed are installed.
$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)  ## run the main job on made media against the embedded sandbox
	$(BIN)/python -m fixtures.demo

test: $(STAMP)  ## run the tests (those of Chromium, Redis, PostgreSQL, bubblewrap, zsh and fish only where these are, or can be installed)
	@.ci/programs $(BIN)
	$(BIN)/python -m pytest -n auto --dist loadgroup

soak: $(STAMP)  ## 300 jobs with random faults and kill -9 against the sandbox; SOAK="--jobs 50 --seed 7"
	$(BIN)/python -m tests.soak $(SOAK)

soak-batch: $(STAMP)  ## a batch of 300 jobs, its drivers killed 20 times; SOAK="--jobs 50 --kills 5 --seed 7"
	$(BIN)/python -m tests.soak.batch $(SOAK)

fuzz: $(STAMP)  ## read random changes of media and documents for MINUTES=10; FUZZ="--seed 7 --only heic"
	$(BIN)/python -m tests.fuzz $(or $(MINUTES),10) $(FUZZ)

check: lint types layers unused dist test  ## most of what CI runs

lint: $(STAMP)  ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  ## mypy --strict
	$(BIN)/mypy

layers: $(STAMP)  ## who may import whom
	$(BIN)/lint-imports

unused: $(STAMP)  ## dependencies that are missing or not needed
	$(BIN)/deptry prep submit fixtures

dist: $(STAMP)  ## build wheel and sdist, look for stray files, try the wheel in a bare environment
	$(BIN)/python -m tests.dist

# A missed target does not keep the rest from being measured.
bench: $(STAMP)  ## side-by-side measurements; prints ratios
	-$(BIN)/python -m benchmarks.startup
	-$(BIN)/python -m benchmarks.check
	-$(BIN)/python -m benchmarks.quality
	-$(BIN)/python -m benchmarks.prep
	-$(BIN)/python -m benchmarks.whole
	-$(BIN)/python -m benchmarks.sound
	-$(BIN)/python -m benchmarks.images
	-$(BIN)/python -m benchmarks.batch
	-$(BIN)/python -m benchmarks.review
	-$(BIN)/python -m benchmarks.telemetry

lock: $(STAMP)  ## update the pinned versions and hashes (requirements.txt, requirements-image.txt)
	rm -f uv.lock
	$(BIN)/uv lock --upgrade --quiet
	$(BIN)/uv export --quiet --format requirements-txt --no-emit-project --all-extras --all-groups --no-header --no-annotate -o requirements.txt
	$(BIN)/uv export --quiet --format requirements-txt --no-emit-project --all-extras --no-extra ray --no-default-groups --no-header --no-annotate -o requirements-image.txt
	rm -f uv.lock

clean:  ## remove what was made here
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist out
