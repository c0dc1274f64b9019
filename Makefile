# Two commands on a bare machine with Python >= 3.11 and make: `make run` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
PO := $(wildcard locale/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
READY := $(STAMP) $(MO)
# Settings are read by the static checks too; these need no server.
SETTINGS := IKBT_ENV=local IKBT_DEMO=0 DEBUG=0 SECRET_KEY=for-checks-only
PRODUCTION := IKBT_ENV=production IKBT_DEMO=0 DEBUG=0 IKBT_TLS=1 METRICS_KEY=for-checks-only \
	SECRET_KEY=for-checks-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH \
	DATABASE_URL=postgresql://checks@127.0.0.1:1/checks REDIS_URL=redis://127.0.0.1:1/0

.DEFAULT_GOAL := help
.PHONY: help install run test check e2e bench chaos chaos-full alarm-load continuity screenshots lock messages clean-clone

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY) ## the virtual environment .venv, from the locked list, and the catalogues

run: $(READY) ## the whole platform with a demo region on http://127.0.0.1:8000/ (PORT=8001 IKBT_DATA=folder)
	@exec $(BIN)/python manage.py run

test: $(READY) ## every test that needs neither the whole platform nor a browser nor chaos, on throw-away engines
	@$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## everything static: format, lint, types, layers, templates, migrations, programmes, translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(SETTINGS) $(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(SETTINGS) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(SETTINGS) $(BIN)/python manage.py check_programs
	$(SETTINGS) $(BIN)/python manage.py check_translations
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

e2e: $(READY) ## the platform as it runs: started, killed, and the stories in a real browser with axe (needs chromium)
	@DJANGO_ALLOW_ASYNC_UNSAFE=true $(BIN)/python -m pytest -m e2e -n 0 $(ARGS)

chaos: $(READY) ## risk in free text while processes are killed and servers hang (ARGS=--short)
	@$(BIN)/python -m tests.chaos $(ARGS)

chaos-full: $(READY) ## 10,000 risky submits under 75 faults, then every red twin, which must fail (about half an hour)
	@$(BIN)/python -m tests.chaos --full $(ARGS)
	@$(BIN)/python -m tests.chaos --red-twin every

continuity: $(READY) ## 100,000 generated calendars: nobody uncovered unshown, one person responsible (ARGS="--seed 7")
	@$(BIN)/python -m tests.continuity $(ARGS)

alarm-load: $(READY) ## a year of a region with 1,500 treatments: cases per therapist and week (ARGS="--seed 7")
	@$(BIN)/python -m tests.alarm_load $(ARGS)

bench: $(READY) ## p50, p95 and ratio to a bare page for each page that matters
	@$(BIN)/python -m tests.bench $(ARGS)

screenshots: $(READY) ## the pictures of the README, from the seeded demo
	@$(BIN)/python -m tests.screenshots $(ARGS)

clean-clone: ## run and test from a clean clone, as root and as an ordinary user (slow, on demand)
	@PYTHON=$(PYTHON) bash tests/clean_clone.sh

messages: $(READY) ## collect new texts into locale/ (needs GNU gettext)
	$(SETTINGS) $(BIN)/python manage.py makemessages --locale sv --no-obsolete --no-wrap --ignore '.venv/*' --ignore '.data/*'

lock: $(STAMP) ## newest versions that fit pyproject.toml, with hashes, into the two lock files
	$(BIN)/pip install --quiet --target .venv/uv --upgrade uv
	.venv/uv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
		--upgrade --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock
	.venv/uv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --quiet \
		--constraint requirements.lock --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		-o requirements-dev.lock

$(STAMP): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	@echo "Installing into .venv (about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

%.mo: %.po $(STAMP)
	@$(BIN)/python -m ikbt.catalogues $<
