# Everything runs in .venv, made from the locked versions with nothing but Python and make.
PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
MEASURED := experiments/validation/measured
FAULTS := $(MEASURED)/faults.csv
STORY := experiments/faults/schedules/lost_acks.toml
COMPILED := build/compiled
# The state that `make bench` times this one against: the last one before the second round of speed.
BEFORE_COMMIT := 15d2446
BEFORE := build/before
# Where results go: a folder that git ignores. The committed ones: figures, sweeps, OUT=results.
OUT := inflight-results
# Of what is drawn at random by `make mutants` and `make kills`.
SEED := 1
# Byte code is made of what is imported, when it is: that halves the work of a set-up.
QUICKLY := --quiet --disable-pip-version-check --no-compile
# A file's tests stay together while there is enough to do, so that what they share is made once.
TESTS := $(BIN)/python -m pytest --numprocesses logical --dist worksteal
# An environment that happens to be active must not leak into ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help mutants broken-rules kills compare report faults campaign trial-compare bench bench-against bench-explore compiled folds sweeps test test-slow trials check validate calibrate figures golden lock clean docs wheel

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

compare: $(RUNTIME) ## one request in flight against five: a table, advice and charts
	@$(BIN)/inflight compare --out $(OUT)/compare $(PNG)

test: $(DEV) ## run the tests, on all cores: two to three minutes on two of them
	@$(TESTS) -m "not (slow or trial)" --hypothesis-profile=quick

test-slow: $(DEV) ## what takes longer: the slow tests, and each law on all its examples
	@$(TESTS) -m "(slow or hypothesis) and not trial"

trials: $(DEV) ## what takes too long for CI: advice followed in random worlds, on a grid of settings
	@$(TESTS) -m trial

check: $(DEV) ## formatting, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

SEEDS := 5
validate: $(RUNTIME) ## predict the measured runs of a real Kafka: the errors, pictures, the worst rows
	@for file in single trio stretch large loss loss_segments codecs clients; do \
	  $(BIN)/inflight validate --measured $(MEASURED)/$$file.csv --seeds $(SEEDS) \
	    --out $(OUT)/validation/$$file.csv \
	    || exit 1; \
	done
	@$(BIN)/inflight validate --published --out $(OUT)/validation/published.csv
	@$(BIN)/inflight plot validation --results $(OUT)/validation

report: $(RUNTIME) ## one HTML page of your own results, or of the committed ones: answers, charts, harm
	@$(BIN)/inflight report

faults: $(RUNTIME) ## what each fault does to each producer: the table of harm, about 15 s
	@$(BIN)/inflight faults --out $(OUT)/faults

campaign: $(DEV) ## 20,000 random schedules of faults: no promise may break; about a quarter of an hour
	@$(BIN)/inflight faults --campaign 20000

mutants: $(DEV) ## a hundred random changes of the model, each to be caught by a test: an hour; SEED=n
	@nice -n 10 $(BIN)/python -m tests.trying.mutants --seed $(SEED) --count 100

broken-rules: $(DEV) ## 22 rules of the protocol, each broken once: do tests see it, do 500 schedules: half an hour
	@nice -n 10 $(BIN)/python -m tests.trying.broken_rules

kills: $(DEV) ## a hundred kills and interrupts of a sweep, then resumed: the same bytes, nobody left
	@$(BIN)/python -m tests.trying.kills --seed $(SEED) --count 100

trial-compare: $(RUNTIME) ## compare held to its word in 300 random worlds: an hour or two on one idle core
	@nice -n 10 $(BIN)/python -m experiments.compare.trials

bench: $(DEV) ## what a simulation costs: tables and a chart; half an hour on an idle machine
	@$(BIN)/inflight bench --large --out $(OUT)/bench
	@$(MAKE) --no-print-directory bench-against

bench-against: $(COMPILED)/.done $(BEFORE)/.done ## the model, also compiled, beside an earlier state of it
	@$(BIN)/inflight bench --against $(BEFORE) --out $(OUT)/bench

bench-explore: $(DEV) ## how long a visitor of the local page waits, in a browser: about a minute
	@$(BIN)/python -m experiments.explore.timing --out $(OUT)/bench

compiled: $(COMPILED)/.done ## the model as machine code, for every command; needs a C compiler
	@echo "Every command runs the compiled model now, until a source of it is edited."

calibrate: $(RUNTIME) ## fit the machine constants to the calibration rows of the measured runs
	@$(BIN)/inflight calibrate --measured $(MEASURED)/single.csv --out results/calibration/reference_machine.json
	@$(BIN)/inflight calibrate --measured $(MEASURED)/codecs.csv --codecs \
	  --constants results/calibration/reference_machine.json --out results/calibration/reference_machine.json
	@cp results/calibration/reference_machine.json model/config/reference_machine.json

folds: $(RUNTIME) ## errors on round trips, batches and depths that no constant was fitted to: 20 minutes
	@$(BIN)/python -m experiments.validation.folds

# In Kafka's default world, whatever inflight.toml is there.
figures: export INFLIGHT_WORLD = none
figures: OUT := results
figures: PNG := --png
figures: validate compare faults ## redo the committed results and the README's numbers from them
	@$(BIN)/inflight faults --schedule $(STORY) --set request.timeout.ms=1000 --out results/faults/story
	@$(BIN)/inflight faults --measured $(FAULTS) --out results/validation/faults.csv
	@$(BIN)/python -m experiments.report.markdown
	@$(BIN)/inflight report --results results --out results/report.html

sweeps: OUT := results
sweeps: $(DEV) ## all sweeps, or what is missing of them: about ten minutes; charts and answers
	@$(BIN)/inflight sweep --all --out $(OUT)/sweeps
	@$(BIN)/python -m experiments.report.markdown

docs: $(DEV) ## a site of the pages under docs/, with the Python API, in build/docs
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/docs
	@echo "Site: build/docs/index.html"

wheel: $(DEV) ## what pip installs, in dist/: for any Python, and with the model as machine code
	@$(BIN)/python -m hatchling build
	@echo "Compiling the model with mypyc (takes about a minute) ..."
	@INFLIGHT_COMPILED=1 $(BIN)/python -m hatchling build -t wheel

golden: $(DEV) ## accept the model's present rows as the golden ones
	@$(BIN)/python -m pytest tests/golden --renew-golden

lock: $(DEV) ## choose versions anew, one set for Python 3.11 and later, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@for set in "" "-dev"; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --upgrade \
	    --extra build $${set:+--extra dev} --output-file requirements$$set.lock pyproject.toml \
	    || exit 1; \
	done

clean: ## remove the environment and the caches
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Built beside the sources; it must give the golden rows before anybody runs it.
$(COMPILED)/.done: $(DEV) hatch_build.py $(shell find model -name '*.py' -o -name '*.json')
	@echo "Compiling the model with mypyc (takes about a minute) ..."
	@rm -rf $(COMPILED) && mkdir -p $(COMPILED) && cp -r model $(COMPILED)/
	@$(BIN)/python hatch_build.py $(COMPILED)
	@PYTHONPATH=$(COMPILED) $(BIN)/python -P -c \
	  'from model.producer import sender; assert not sender.__file__.endswith(".py")'
	@PYTHONPATH=$(COMPILED) $(BIN)/pytest -q tests/golden
	@PYTHONPATH=$(COMPILED) $(BIN)/python -P -c 'from model.machine_code import stamp; stamp()'
	@touch $@

$(BEFORE)/.done:
	@rm -rf $(BEFORE) && mkdir -p $(BEFORE)
	@git archive $(BEFORE_COMMIT) model experiments inflight | tar -x -C $(BEFORE)
	@touch $@

# A stamp is written last, so that an interrupted set-up is done again from the start.
$(RUNTIME): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Inflight needs Python 3.11 or later: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@echo "Setting up $(VENV) (once; takes about a minute) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install $(QUICKLY) \
	  --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install $(QUICKLY) \
	  --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	@echo "Adding the development tools ..."
	@$(BIN)/python -m pip install $(QUICKLY) \
	  --require-hashes --requirement requirements-dev.lock
	@touch $@
