# The few commands. All but setup, lock, clean and kill make the clone ready first (config/deploy/setup.sh).
PYTHON ?=
export PYTHON
# Debian keeps mosquitto and ippeveprinter where a plain user's PATH does not look.
export PATH := $(PATH):/usr/sbin:/sbin

python := .venv/bin/python
locked := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--fork-strategy fewest --no-header --no-emit-index-url --no-emit-find-links
pytest = $(python) -m pytest -n $(or $(WORKERS),3) --dist loadfile --no-loadscope-reorder
# Each of the large rooms in processes of its own: what one leaves behind is not the next one's trouble.
rooms := kiosk hall drivers journeys
renew := $(if $(UPGRADE),--upgrade)

.PHONY: help setup ready ready-to-run run test fuzz kill-paper chaos smoke sabotage lint shots bench bench-hall bundle lock clean kill

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: ready ## system packages, environment, fonts and photographs

ready:
	@bash config/deploy/setup.sh

ready-to-run:
	@bash config/deploy/setup.sh run

run: ready-to-run ## the whole hall on this computer (CAMERA=0: a real webcam)
	@$(python) main.py demo $(if $(CAMERA),--camera $(CAMERA))

test: ready ## every test, with the peers it needs (WORKERS=3 at a time; ARGS=… for some of them)
ifdef ARGS
	@$(pytest) $(ARGS)
else
	@rm -f .pytest_cache/v/cache/lastfailed; worst=0; \
	run() { $(pytest) "$$@" || { code=$$?; test $$code -le $$worst || worst=$$code; }; }; \
	for room in $(rooms); do run tests/$$room; done; run tests $(rooms:%=--ignore=tests/%); \
	test $$worst = 1 && test -n "$(AGAIN)" || exit $$worst; \
	echo "What failed beside others, once more by itself:"; \
	$(python) -m pytest -v --last-failed --last-failed-no-failures none tests
endif

fuzz: ready ## a million inputs for each parser (RUNS=…)
	@$(python) -m tests.fuzz $(if $(RUNS),--runs $(RUNS))

kill-paper: ready ## the terminal dies 200 times while it prints (KILLS=…, KILL_SEED=… repeats a run)
	@KILLS=$(or $(KILLS),200) $(python) -m pytest tests/journeys/test_paper_kills.py -q -s

chaos: ready ## terminals, broker, ingests and database die over bad lines; nothing lost, nothing twice (CHAOS_SEED=…)
	@$(python) -m tests.chaos

smoke: ready ## one journey by real touches, compared at each end
	@$(python) -m tests.smoke

sabotage: ready ## smoke on five broken copies: each must fail, for the reason named
	@$(python) -m tests.sabotage

shots: ready ## every screen and desk page as pictures in build/shots/
	@$(python) -m tests.shots

bench: ready ## the budgets, measured
	@$(python) -m tests.bench

bench-hall: ready ## how large a hall may be (TERMINALS=10000 MINUTES=10, QUICK=1; WRITE=1 into docs/scaling.md)
	@bash config/deploy/peers.sh bench-hall
	@$(python) -m tests.bench.hall $(if $(QUICK),--quick) $(if $(WRITE),--write) \
		--terminals $(or $(TERMINALS),10000) --minutes $(or $(MINUTES),10)

bundle: ready ## a folder for a stick: bare Debian 12 to terminal or hall without a network (OUT=build/bundle)
	@bash config/deploy/bundle.sh $(OUT)

lint: ready ## style, types, floors, documents
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@$(python) -m tests.docs_check

lock: ## renew requirements/*.txt from setup.cfg (UPGRADE=1: to the newest versions)
	@$(locked) $(renew) setup.cfg requirements/build.in --extra hall --extra bench --extra dev -o requirements/all.txt
	@$(locked) setup.cfg requirements/build.in -c requirements/all.txt -o requirements/terminal.txt
	@$(locked) setup.cfg requirements/build.in --extra hall -c requirements/all.txt -o requirements/hall.txt
	@$(locked) --no-deps requirements/cards.in -o requirements/cards.txt
	@$(locked) --no-deps requirements/carried.in -o requirements/carried.txt
	@$(subst 3.11,3.13,$(locked)) $(renew) requirements/emupos.in -o requirements/emupos.txt
	@$(locked) --no-deps requirements/node.in -o requirements/node.txt
	@$(locked) requirements/mq-bridge.in -o requirements/mq-bridge.txt
	@$(locked) --no-deps requirements/photographs.in -o requirements/photographs.txt
	@$(locked) --no-deps requirements/pinyin.in -o requirements/pinyin.txt

kill: ## end the processes of a `make run` that was cut off (only those this clone started)
	@test ! -x $(python) || $(python) config/deploy/kill.py

clean: ## everything that make made (the demo's data in data/ stays)
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
