# Two commands from nothing: `make demo` and `make test`. The rest is for us.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo

SYSTEM_PACKAGES := python3-venv tesseract-ocr fonts-bwht fonts-dkg-handwriting fonts-rufscript \
	fonts-sjfonts fonts-klee fonts-breip fonts-humor-sans fonts-gnutypewriter fonts-dejavu-core \
	fonts-dejavu-extra
TEST_PACKAGES := postgresql

.PHONY: help demo test .test-system lint bench lock clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.runtime  ## A sample batch through the whole line, from nothing
	@$(BIN)/taxlift demo --folder $(DEMO)

test: .test-system $(VENV)/.dev lint  ## Lint, types, layers and the whole test suite
	$(BIN)/python -m pytest -n 2 --dist loadscope

# First, so that whoever may not install packages is told of all of them at once.
.test-system:
	@bash .ci/python $(PYTHON)
	@PYTHON=$(PYTHON) bash .ci/system-packages $(SYSTEM_PACKAGES) $(TEST_PACKAGES)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## Accuracy and speed against the textbook pipeline (docs/benchmark.md)
	@$(BIN)/taxlift bench --out bench-out

$(VENV)/.runtime: requirements.lock pyproject.toml
	@bash .ci/python $(PYTHON)
	@PYTHON=$(PYTHON) bash .ci/system-packages $(SYSTEM_PACKAGES)
	@bash .ci/install $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	@bash .ci/python $(PYTHON)
	@PYTHON=$(PYTHON) bash .ci/system-packages $(SYSTEM_PACKAGES)
	@bash .ci/install $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.runtime

lock: $(VENV)/.dev  ## Pin everything anew, with hashes and without any index
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK_OPTIONS) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK_OPTIONS) -o requirements-dev.lock

LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock" -q

clean:  ## Forget the environment and the demo's data
	rm -rf $(VENV) $(DEMO) build *.egg-info
