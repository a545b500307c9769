# gradproof: every command sets up what it needs, and is quick the second time.
#
#   make report     run the catalogue; the page is build/report/index.html
#   make test       run the tests, on every processor
#   make test-long  the tests that take minutes: twenty kills and --resume, whole measurements, all of long lists
#   make quick      a few seconds, for a change in hand
#   make peers      other gradient checks, asked the same questions: false greens and false alarms
#   make soundness  117,000 random and adversarial cases: does anything correct leave the bound? (20 minutes)
#   make soundness-plain  the same with the processor's vector instructions switched off
#   make bench      how fast the check is, beside what it could be: five questions, build/bench/bench.html (an hour)
#   make lint       ruff and mypy
#   make format     let ruff format the code

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: report test test-long quick peers soundness soundness-plain bench lint format clean

report: $(READY)
	$(BIN)/gradproof run --out build/report
	@echo "open build/report/index.html"

test: $(READY)
	$(BIN)/python -m pytest -n logical --maxprocesses 8 --dist loadfile

test-long: $(READY)
	$(BIN)/python -m pytest -n logical --maxprocesses 8 -m long

quick: $(READY)
	$(BIN)/gradproof run --quick --out build/quick

peers: $(READY)
	$(BIN)/python -m harness.peers

soundness: $(READY)
	$(BIN)/gradproof fuzz --cases 26000

soundness-plain: $(READY)
	ATEN_CPU_CAPABILITY=default XLA_FLAGS=--xla_cpu_max_isa=AVX \
	NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL AVX512_SPR" OPENBLAS_CORETYPE=Nehalem $(BIN)/gradproof fuzz --cases 26000 --seed 2

bench: $(READY)
	$(BIN)/gradproof bench --out build/bench
	@echo "open build/bench/bench.html"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "gradproof needs Python 3.11 or later; say make PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,lint]'
	touch $(READY)

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
