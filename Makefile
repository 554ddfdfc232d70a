# Every command of this file makes the environment first when it is not there.
# Assumed on the machine: make, a POSIX shell and Python 3.11 or newer. Nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
# A moved or copied checkout has another place, so another stamp, so a new environment:
# the scripts inside a venv carry its absolute path.
PLACE := $(shell printf '%s' '$(CURDIR)' | cksum | cut -d' ' -f1)
LOCKED := .venv/locked-$(PLACE)
READY := .venv/ready-$(PLACE)

CODE := proto/comity policy broker node scripts tests $(patsubst %/,%,$(sort $(dir $(wildcard bench/*.py examples/*.py))))
BASELINE := tests/vectors/protocol-baseline.binpb
COMPILE := uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --python-version 3.11
# Test processes at a time: a number, or "auto" for one a core.
JOBS ?= auto

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help
help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name words; do \
		printf '  make %-18s %s\n' "$$name" "$$words"; done

.PHONY: env
env: $(READY) ## make or update .venv from the hash-locked requirements

$(LOCKED): requirements-dev.lock
	@python=$$(scripts/find_python.sh) || exit 1; \
	if test -e $@ && $(BIN)/python -c '' 2>/dev/null; then \
		echo "Updating .venv from requirements-dev.lock"; \
	else \
		echo "Making .venv with $$python (half a minute or so)"; \
		"$$python" -m venv --clear .venv; \
	fi
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@
	@echo "Ready: $(BIN)/comity --help"

.PHONY: demo
demo: env ## play the main job on this machine: real processes, real TLS, real files
	@$(BIN)/comity demo

.PHONY: test
test: env check ## all checks, then all tests but the long ones
	$(BIN)/pytest -m "not soak" --numprocesses $(JOBS)

.PHONY: check
check: env ## lint, format, types, import directions, schemas: under a minute
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/buf lint

.PHONY: format
format: env ## put the code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: protocol
protocol: env ## generate the Python stubs from proto/comity/v1/*.proto
	@$(BIN)/python scripts/generate_protocol.py

.PHONY: protocol-baseline
protocol-baseline: env ## at a release: what later protocol versions must stay compatible with
	$(BIN)/buf build --exclude-source-info -o $(BASELINE)

.PHONY: documents
documents: env ## write the generated parts of the documents
	@$(BIN)/python scripts/generate_documents.py

.PHONY: bench
bench: env ## measure; figures are ratios to a limit measured in the same run
	$(BIN)/python -m bench

.PHONY: soak
soak: env ## the long tests
	$(BIN)/pytest -m soak

.PHONY: lock
lock: ## bring the lock files in line with pyproject.toml (needs uv; UPGRADE=--upgrade for newer releases)
	@command -v uv >/dev/null || { echo "make lock needs uv, which resolves for every platform at once." >&2; exit 1; }
	$(COMPILE) --group dev $(UPGRADE) -o requirements-dev.lock
	$(COMPILE) $(UPGRADE) -o requirements.lock -c requirements-dev.lock

.PHONY: clean
clean: ## remove what was made: .venv, caches, builds
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
