# make demo   a live session on the simulated sensor
# make test   the tests
# make check  format, lint, types, import contracts
# make torture every fault, injected for real, with a ledger of the samples
# make soak   a day of device time, an hour in real time, many sensors at once (docs/soak.md)
# make bench  every promised figure beside a peer, into docs/figures.md
# make pictures the pictures of docs/, from the real applications
# make mutate [WHAT=word] small errors in the product, one by one: how many do the tests notice (docs/mutation.md)
# Each sets up .venv by itself, with uv where it is installed, else with venv and pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench torture soak fuzz mutate pictures format clean
.DEFAULT_GOAL := demo

define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Goodpain needs Python 3.11 or newer: set one with make PYTHON=/path/to/python3.11"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
		{ test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); } && \
		uv pip install --quiet --python $(BIN)/python -e '.$(1)'; \
	else \
		{ test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); } && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.$(1)'; \
	fi
	@touch $@
endef

$(VENV)/.ready: pyproject.toml
	$(call install,)

$(VENV)/.ready-dev: pyproject.toml
	$(call install,[dev])
	@touch $(VENV)/.ready

$(VENV)/.ready-bench: pyproject.toml
	$(call install,[dev$(comma)bench])
	@touch $(VENV)/.ready $(VENV)/.ready-dev

$(VENV)/.ready-fuzz: pyproject.toml
	$(call install,[dev$(comma)fuzz])
	@touch $(VENV)/.ready $(VENV)/.ready-dev

comma := ,

demo: $(VENV)/.ready
	@$(BIN)/goodpain demo

test: $(VENV)/.ready-dev
	@$(BIN)/python -m pytest -n auto --dist loadfile -q

check: $(VENV)/.ready-dev
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts this right"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.ready-dev
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

bench: $(VENV)/.ready-bench
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench

torture: $(VENV)/.ready-dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.torture

soak: $(VENV)/.ready-dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.soak --hours $(or $(HOURS),24) --real $(or $(REAL),3600) --screens --load

MINUTES ?= 10

fuzz: $(VENV)/.ready-fuzz
	@OPENBLAS_NUM_THREADS=1 nice $(BIN)/python -m tests.fuzz --jobs $(or $(JOBS),1) $(MINUTES)

pictures: $(VENV)/.ready-dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.pictures

mutate: $(VENV)/.ready-dev
	@OPENBLAS_NUM_THREADS=1 nice $(BIN)/python -m tests.mutation $(WHAT)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
