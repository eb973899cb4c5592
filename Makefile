# Everything sets itself up: a fresh machine needs Python 3.11 or newer, make and a package index.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DEMO_SECONDS ?= 0
SEEDS   ?= 2000
SIZE    ?= short
SECONDS ?= 60
CONFIG ?= configs/bench/gateway.toml

.PHONY: help demo demo-station run test check bench simulate crash storm soak fuzz broken-builds lock schema clean

help:
	@echo "make demo    gateway, broker, simulated panels and receiver, live events (Ctrl-C ends it; DEMO_SECONDS=20 ends by itself)"
	@echo "make demo-station  the same with the decision core, its console and a simulated station: a night and a year"
	@echo "make run     the gateway with CONFIG=$(CONFIG)"
	@echo "make test    all checks and all tests"
	@echo "make check   style, types, import contracts, schema freshness"
	@echo "make bench   short form of the benchmarks, one table with ratios"
	@echo "make simulate SEEDS=2000  the whole gateway in simulated worlds full of faults, each decided by its seed"
	@echo "make crash | storm | soak SIZE=short  the running gateway under kills, disk faults, attack, long load (smoke, short, full)"
	@echo "make broken-builds  shows that crash, storm and soak catch gateways that are built wrong"
	@echo "make fuzz SECONDS=60  every parser and session against a coverage-guided fuzzer"

$(VENV)/run.stamp: requirements/run.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; say make PYTHON=python3.11")'
	@echo "Installing (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	@echo "Installing the development tools (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

demo: $(VENV)/run.stamp
	@$(BIN)/alarm-gateway demo --seconds $(DEMO_SECONDS)

demo-station: $(VENV)/run.stamp
	@$(BIN)/alarm-gateway demo --station --seconds $(DEMO_SECONDS)

run: $(VENV)/run.stamp
	@$(BIN)/alarm-gateway run --config $(CONFIG)

# What measures time has the machine to itself; all else runs on all cores at once.
test: check
	@$(BIN)/python -m pytest -n auto -m "not system"
	@$(BIN)/python -m pytest -n auto -m "system and not alone"
	@$(BIN)/python -m pytest -m "alone and not broken_build"

broken-builds: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -m broken_build

check: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.check

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks

simulate: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS)

crash storm soak: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.harness $@ --size $(SIZE)

fuzz: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

schema: $(VENV)/run.stamp
	@$(BIN)/alarm-gateway schema --write docs/contract
	@$(BIN)/python -m gateway.accounts.document
	@$(BIN)/python -m gateway.cli.document
	@$(BIN)/python -m gateway.normalise.document

lock:
	@$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --output-file requirements/run.lock requirements/run.in
	@$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --output-file requirements/dev.lock requirements/dev.in

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
