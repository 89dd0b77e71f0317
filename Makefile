# Two commands on a fresh machine: `make demo` and `make test`. `make help` lists the rest.
BIN := .venv/bin
ARGS ?=
SECONDS ?= 60
CYCLES ?= 2
HOURS ?= 8
CASES ?= 10000

.DEFAULT_GOAL := help
.PHONY: help demo test check installer trials documents pictures jobs bench fuzz chaos attack platform-day nightly soak ui ui-compare debian-packages clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 18

demo: .set-up ## simulator, controller and server on this machine; Ctrl-C ends all (options: make demo ARGS="--speed 20")
	$(BIN)/swapstation demo $(ARGS)

test: .set-up debian-packages check ## set-up and check

check: .set-up ui-compare ## ruff, mypy, import contracts, the console where there is Node, pytest
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 3 --dist worksteal

installer: .set-up ## dist/swapstation-VERSION.run, installs without network, and the bundle for updates (make installer ARGS="--key release.pem")
	$(BIN)/python tools/make_bundle.py $(ARGS)

trials: .set-up ## really update a running station and have it roll back by itself (minutes)
	SWAPSTATION_TRIALS=1 $(BIN)/pytest tests/operations/test_update.py

documents: .set-up ## write the documents that follow from code and data: protocols, API, alarms, roles, security tests
	$(BIN)/python -m tests.documents
	$(BIN)/python -m tests.server.roles_table
	$(BIN)/python -m tests.server.security_table

pictures: .set-up ## take docs/pictures anew: every screen of the console at real demo stations; ends by itself (minutes)
	$(BIN)/python -m tests.pictures $(ARGS)

bench: .set-up ## measure this machine, write docs/benchmarks.md (options: make bench ARGS="--only path --json")
	$(BIN)/python -m tests.bench $(ARGS)

fuzz: .set-up ## coverage-guided fuzzing of every decoder (make fuzz SECONDS=600); found cases go to tests/fuzz/cases
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(ARGS)

chaos: .set-up ## kill, freeze and cut real processes on real wires (make chaos CYCLES=200 ARGS="--only kill_controller")
	$(BIN)/python -m tests.chaos --cycles $(CYCLES) $(ARGS)

attack: .set-up ## attack a running station's API by every role (make attack CASES=10000 ARGS="--seed 7"); ends by itself
	$(BIN)/python -m tests.attack --cases $(CASES) $(ARGS)

platform-day: .set-up ## a station's day at its supervision platform (options: make platform-day ARGS="--charges 240 --hour-s 8")
	$(BIN)/python -m tests.platform_day $(ARGS)

nightly: .set-up ## schedules, crashes, planted bugs and chaos for HOURS, resumable (make nightly HOURS=8); writes docs/reliability.md
	$(BIN)/python -m tests.nightly --hours $(HOURS) --state build/nightly $(ARGS)

soak: .set-up ## swap after swap at a demo station for HOURS, memory and lateness noted; runs add up (make soak HOURS=8)
	$(BIN)/python -m tests.soak --hours $(HOURS) $(ARGS)

ui: .set-up ## check, test and build the operator console into the server package (needs Node 20)
	tools/build_ui.sh

ui-compare: .set-up ## where there is Node: is the committed console what its source gives, byte by byte
	tools/build_ui.sh compare

jobs: .set-up ## five jobs of an operator, done by the page alone at a real demo station; writes docs/console.md
	$(BIN)/python -m tests.jobs

debian-packages:
	tools/install_debian_packages.sh

clean: ## remove the virtual environment and every cache
	rm -rf .venv .set-up .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.set-up: pyproject.toml constraints.txt tools/set_up.sh
	tools/set_up.sh
	touch $@
