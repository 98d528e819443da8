# Everything a newcomer needs: make run, make test. All of it happens inside this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 3
CODE = $(wildcard src tests bench conftest.py)

# What the web app is built from; a change of it builds it anew.
WEB := $(shell find web -name node_modules -prune -o -type f -print 2>/dev/null | sed 's/ /\\ /g')

# Hashes and wheels only: what is installed is what was tested, and no package runs code to install itself. Python
# compiles what it imports when it first does: to compile all of every package takes as long as to install it.
LOCKED := --require-hashes --only-binary=:all: --no-compile
# The one exception: the client of Spark Connect comes as source alone. It is built with the locked setuptools, for tests.
SOURCE := --require-hashes --no-deps --no-build-isolation --no-binary=pyspark-client
# Foresail itself is built with the locked hatchling, so this step needs no network.
SELF := --no-index --no-deps --no-build-isolation --editable .

# Where Python may not keep what it compiled, every command compiles all of Foresail anew: half a second each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run report test check fix bench browser lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/run.stamp ## Start Foresail with its demo company and say where it is; another port: make run PORT=…
	@$(BIN)/foresail serve --demo $(if $(PORT),--port "$(PORT)")

report: $(VENV)/run.stamp ## Judge the forecast of a log without the app: make report [LOG=… MAPPING=… OUT=…]
	@$(BIN)/python -m foresail.site.quickstart \
		$(if $(LOG),--log "$(LOG)") $(if $(MAPPING),--mapping "$(MAPPING)") $(if $(OUT),--out "$(OUT)")

# Files whole and in their order, so that what a folder shares is made once for each. Three at a time keep two cores busy
# while a test waits. Libraries work with one thread each.
test: export OMP_NUM_THREADS = 1
test: export POLARS_MAX_THREADS = 1
test: $(VENV)/dev.stamp browser ## Run all tests; some of them: make test ARGS="-k swing"
	$(BIN)/pytest --durations=10 $(or $(ARGS),-n $(WORKERS) --dist loadfile --no-loadscope-reorder)

check: $(VENV)/dev.stamp ## Style, types and architecture, in under a minute
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo

fix: $(VENV)/dev.stamp ## Mend what the style checks can mend by themselves
	$(BIN)/ruff check --fix --exit-zero $(CODE)
	$(BIN)/ruff format $(CODE)

bench: $(VENV)/dev.stamp ## Measure speed against peers; writes bench/latest.json
	$(BIN)/python -m bench $(ARGS)

browser: ## Install Chromium and Chinese fonts for the browser tests, if they are missing
	@.ci/browser

lock: $(BIN)/python ## Write requirements/ anew from pyproject.toml; newest versions: make lock UPGRADE=1
	$(PIP) install uv==0.13.9
	$(call resolve,run,--group build)
	$(call resolve,dev,--group build --group dev --extra spark --no-emit-package pyspark-client)
	$(BIN)/uv pip compile $(PLAIN) --no-deps --output-file requirements/spark.txt requirements/spark.in
	$(BIN)/uv pip compile $(PLAIN) --output-file requirements/node.txt requirements/node.in

# Addresses stay out of the locks: where packages come from is for each machine to say.
PLAIN := --quiet --universal --python-version 3.11 $(if $(UPGRADE),--upgrade) --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links
resolve = $(BIN)/uv pip compile pyproject.toml $(2) $(PLAIN) \
	$(if $(filter dev,$(1)),--constraint requirements/run.txt) --output-file requirements/$(1).txt

clean: ## Remove what make has made, except your reports
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/dev.stamp: export FORESAIL_WEB_TOOLS = 1
$(VENV)/dev.stamp: requirements/spark.txt
# The web app is built meanwhile, where there is a node; what fails of that is told when Foresail is installed.
$(VENV)/%.stamp: requirements/%.txt pyproject.toml hatch_build.py $(WEB) | $(BIN)/python
	@echo "Installing the locked packages of $< into $(VENV) …"
	@$(BIN)/python hatch_build.py >/dev/null 2>&1 & \
		$(PIP) install $(LOCKED) -r $<; failed=$$?; wait; exit $$failed
	$(if $(filter dev,$*),@$(PIP) install $(SOURCE) -r requirements/spark.txt)
	@.ci/node || $(PIP) install $(LOCKED) -r requirements/node.txt
	@echo "Building the web app …"
	@$(PIP) install $(SELF)
	@touch $@

# Debian leaves ensurepip out of Python, and venv then fails halfway: so ask first.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Foresail needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
