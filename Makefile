# Needs Python 3.11 or later and make; everything else, Node too, comes into .venv. `make help` lists the targets.
SHELL := /bin/sh
BIN := .venv/bin
PORT ?= 8000
DEMO ?= 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

checksum = $(shell cksum < $(1) | cut -d ' ' -f 1)
VENV := .venv/.installed-$(call checksum,requirements.lock)
NODE_MODULES := frontend/node_modules/.installed-$(call checksum,frontend/package-lock.json)
ASSETS := frontend/static/raccordo/raccordo.css
ASSET_SOURCES := $(shell find frontend/src frontend/scss frontend/fonts frontend/templates -type f) frontend/build.mjs frontend/icons.txt frontend/rendered.txt
COLLECTED := build/static/staticfiles.json
CATALOGUES := $(patsubst %.po,%.mo,$(shell find meetings -path '*/LC_MESSAGES/*.po'))

.PHONY: help run test bench bench-pages rendered shots lint format build lock messages clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile

run: build ## set up, serve http://127.0.0.1:8000 and run the worker [DEMO=0] [PORT=8000]
	@DEMO=$(DEMO) PORT=$(PORT) BASE_URL=$${BASE_URL:-http://127.0.0.1:$(PORT)} exec $(BIN)/python manage.py serve

test: build ## every check
	@exec $(BIN)/python tools/test_all.py

bench: build ## the benchmarks; results in build/bench/
	@for file in tests/benchmarks/[a-z]*.py; do test -e "$$file" || continue; \
	  $(BIN)/python -m tests.benchmarks.$$(basename $$file .py) || failed=1; done; exit $${failed:-0}

bench-pages: build ## every screen against its budgets [SCREENS=regex]; results in build/bench/pages.json
	@$(BIN)/python -m tests.benchmarks.pages

rendered: build ## what pages are made of, anew: the style sheet is cut by it
	@RENDERED=write $(BIN)/pytest -q -n0 -p no:cacheprovider tests/frontend/test_rendered.py -k made_of
	@$(MAKE) --no-print-directory build

shots: build ## a picture of every screen, role, width and theme in build/shots/ [SHOTS='--only room']
	@$(BIN)/python -m tools.shots $(SHOTS)

lint: $(VENV) ## lint, layout, import order, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy --strict meetings api frontend coordination

format: $(VENV) ## mend what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: $(VENV) $(COLLECTED) $(CATALOGUES) ## dependencies, front end, translations

lock: $(VENV) ## requirements.lock anew from requirements*.txt
	@mkdir -p build
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --output-file=build/requirements.lock requirements-dev.txt
	@grep '^[a-z]' build/requirements.lock > requirements.lock

messages: $(VENV) ## collect translatable strings (needs GNU gettext)
	$(BIN)/python manage.py makemessages --all --add-location=file --no-obsolete \
	  --ignore=build --ignore=node_modules --ignore=static --ignore=tests --ignore=var

clean: ## remove what make made (var/ stays)
	rm -rf .venv build frontend/node_modules frontend/static/raccordo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find meetings -name '*.mo' -delete

$(VENV):
	@python=$$(for name in python3 python3.13 python3.12 python3.11; do \
	  $$name -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done); \
	test -n "$$python" || { echo 'Raccordo needs Python 3.11 or later with its venv module (on Debian: python3-venv).' >&2; exit 1; }; \
	echo 'Installing the Python packages into .venv …'; \
	{ test -x $(BIN)/python || $$python -m venv .venv; } && $(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.lock
	@mkdir -p build && rm -f .venv/.installed-* && touch $@

$(NODE_MODULES): | $(VENV)
	@echo 'Installing the front-end packages …'
	@cd frontend && ../$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

$(ASSETS): $(ASSET_SOURCES) $(NODE_MODULES)
	@$(BIN)/node frontend/build.mjs
	@touch $@

# The static files with their hashed names, compressed, as the web server sends them
$(COLLECTED): $(ASSETS) $(shell find frontend/static -type f -not -path '*/raccordo/*')
	@$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

%.mo: %.po | $(VENV)
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@
