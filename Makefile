# Thin on purpose: each target is one command a person could type. `ctg --help` has the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# `make setup-nuit`: what a night needs alone, without the tools that check the project.
ifeq ($(MAKECMDGOALS),setup-nuit)
LOCK := requirements.lock
INSTALLED := $(VENV)/.installed-nuit
else
LOCK := requirements-dev.lock
INSTALLED := $(VENV)/.installed
endif
BI_VENV := .venv-bi
BI_INSTALLED := $(BI_VENV)/.installed
SPARK_VENV := .venv-spark
SPARK_INSTALLED := $(SPARK_VENV)/.installed
MANIFEST := dbt_project/target/manifest.json
DBT_FILES := $(shell find dbt_project ingestion/sources -name target -prune -o -name _generes -prune -o -type f -name '*.sql' -print -o -type f -name '*.yml' -print -o -type f -name '*.csv' -print -o -type f -name '*.py' -print)

STATIC := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

export CTG_HOME ?= $(CURDIR)/var
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help setup setup-nuit lisible refresh check test dev bi spark test-spark lint docs dbt-docs images lock bench drills foyer-temoin

help:
	@printf '%s\n' \
	  'make setup     the environment alone; make setup-nuit: what nights need, without the tools of development' \
	  'make refresh   set-up, then one night on the embedded demonstration data' \
	  'make check     set-up, lint, then every test that needs no night, drill or bench: minutes' \
	  'make test      set-up, then every test' \
	  'make dev       set-up, then dagster dev on http://127.0.0.1:3000' \
	  'make bi        Superset on a PostgreSQL copy of the release in service, on loopback (bi/README.md)' \
	  'make spark     an extract counted by Spark and by DuckDB, compared (Java 17 or later)' \
	  'make lint      format, types, imports, SQL' \
	  'make docs      write the pages of docs/ generated from the contracts and the dictionary' \
	  'make dbt-docs  documentation of the dbt project, as one file that opens anywhere' \
	  'make images    the pictures of docs/images, from a demonstration (Chromium, LibreOffice, pdftoppm, PostgreSQL)' \
	  'make drills    kills, faults of the disk, damaged files: hours (CTG_DRILLS=tout: all there are, days);' \
	  '               stopped, the same command goes on where CTG_DRILLS_SUITE=FILE kept what passed' \
	  'make bench     what a night costs beside a floor (docs/performance.md)' \
	  'make lock      resolve the locks again: of nights, of development, of bi, of spark (needs uv)'

setup setup-nuit: $(INSTALLED) $(MANIFEST)

# Units run as an account that reads no other's home.
setup-nuit: lisible
lisible: $(INSTALLED)
	@$(BIN)/python -c 'import sys, pathlib; ici = pathlib.Path(sys.executable).resolve(); fermes = [d for d in ici.parents if not d.stat().st_mode & 1]; fermes and sys.exit(f"{ici} is out of reach of other accounts: {fermes[-1]} is closed to them. Next: rm -rf .venv, then PYTHON=/usr/bin/python3 make setup-nuit")'

# A virtual environment loses its packages when the Python it is of is upgraded, and has none where `venv` stopped halfway.
ifneq ($(wildcard $(INSTALLED)),)
ifneq ($(shell $(BIN)/python -c 'import pip' 2>/dev/null && echo whole),whole)
$(shell rm -f $(INSTALLED))
endif
endif

# uv where it is there (seconds), pip elsewhere (a minute); both check every hash. A lock is whole, and pip must
# resolve nothing: it would weigh the newest `uvicorn`, which no hash pins, where the lock names `uvicorn[standard]`.
$(INSTALLED): $(LOCK) pyproject.toml
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14), "Python 3.11 to 3.13 is needed (make PYTHON=python3.12 ...)"'
	$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	if command -v uv >/dev/null; then \
	  uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r $(LOCK) && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(LOCK) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	touch $@

$(MANIFEST): $(INSTALLED) $(DBT_FILES)
	$(BIN)/python -m orchestration.nuit.projet
	touch $@

refresh: setup
	$(BIN)/ctg refresh --profile demo

# What a change is tried on: of SQL, only the files that changed are linted; no night, no drill and no bench is run.
check: export PYTHONDONTWRITEBYTECODE :=
check: setup
	$(STATIC)
	$(BIN)/python .ci/sql.py
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not nuit and not drill and not spark' --ignore tests/drills --ignore tests/bench -q

# Two workers and the nights they start import the same modules some fifty times: compiled once, wherever one
# is told (PYTHONDONTWRITEBYTECODE) to keep nothing.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=20

dev: setup
	DAGSTER_HOME="$$($(BIN)/ctg prepare)" $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

# A small home as this version writes one, for the versions to come: once, at its release (docs/how-to.md).
foyer-temoin: setup
	$(BIN)/python -m tests.foyers.temoin

# Superset's own environment: it pins pandas and SQLAlchemy to versions that are not ours.
$(BI_INSTALLED): bi/requirements.lock
	test -x $(BI_VENV)/bin/python || $(PYTHON) -m venv $(BI_VENV)
	if command -v uv >/dev/null; then \
	  uv pip install --quiet --python $(BI_VENV)/bin/python --require-hashes --compile-bytecode -r bi/requirements.lock; \
	else \
	  $(BI_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r bi/requirements.lock; \
	fi
	touch $@

# The release in service, whatever its profile; the demonstration where there is none.
bi: setup $(BI_INSTALLED)
	test -e "$(CTG_HOME)/releases/current" || $(BIN)/ctg refresh --profile demo
	exec $(BIN)/python -m bi.superset servir --python $(BI_VENV)/bin/python

# Spark's own environment: half a gigabyte that no night needs. Its dbt-core is that of requirements.lock.
$(SPARK_INSTALLED): spark/requirements.lock
	test -x $(SPARK_VENV)/bin/python || $(PYTHON) -m venv $(SPARK_VENV)
	if command -v uv >/dev/null; then \
	  uv pip install --quiet --python $(SPARK_VENV)/bin/python --require-hashes -r spark/requirements.lock; \
	else \
	  $(SPARK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r spark/requirements.lock; \
	fi
	touch $@

spark: setup $(SPARK_INSTALLED)
	$(BIN)/python -m tests.bench moteurs

test-spark: setup $(SPARK_INSTALLED)
	$(BIN)/pytest -m spark

lint: setup
	$(STATIC)
	$(BIN)/python .ci/sql.py --tout

# Without the manifest of dbt, which a source that nothing was generated for yet would not let be made.
docs: $(INSTALLED)
	$(BIN)/ctg docs

# Compiled in memory: no table is read, and what the page says of columns is what their contracts say.
dbt-docs: setup
	CTG_BUILD_DB=:memory: $(BIN)/dbt --quiet --log-level-file none docs generate --static --empty-catalog \
	  --project-dir dbt_project --profiles-dir dbt_project --target-path $(CURDIR)/dbt_project/target/docs
	@echo dbt_project/target/docs/static_index.html

images: refresh $(BI_INSTALLED)
	PYTHONPATH=. $(BIN)/python docs/images/faire.py

# tests/profondeur.py says how far each depth goes. What a machine lacks is skipped, and told at the end.
drills: export CTG_DRILLS ?= heure
drills: export PYTHONDONTWRITEBYTECODE :=
drills: setup $(BI_INSTALLED) $(SPARK_INSTALLED)
	$(BIN)/pytest -n 2 --dist loadgroup --no-loadscope-reorder -m 'drill or profond or spark'

bench: setup
	$(BIN)/python -m tests.bench

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --no-strip-extras --quiet -o requirements.lock
	uv pip compile pyproject.toml --all-extras --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-annotate --no-strip-extras --quiet -o requirements-dev.lock
	uv pip compile bi/requirements.in --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --no-strip-extras --quiet -o bi/requirements.lock
	uv pip compile spark/requirements.in --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --no-strip-extras --quiet -o spark/requirements.lock
