# Three commands do everything, set-up included: `make demo`, `make test`, and `make docs`, which
# builds the pages in docs/_build/html, warnings being errors.
#
# `make demo` takes DATA, a folder of images by class or a table; of a table FILE, LABEL and GROUP,
# its columns with the files, the classes and the patients; ROI=none; and WEIGHTS, a name or a file:
#     make demo DATA=metadata.csv FILE=scan LABEL=diagnosis GROUP="Patient ID"
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.docs-ready
OLDEST := .venv-oldest
OLDEST_READY := $(OLDEST)/.ready

# Real MR files for tests and benchmarks; where they are absent, those tests skip and say so.
SICF_DATA ?= $(wildcard ../shared/data)
ifneq ($(SICF_DATA),)
export SICF_DATA := $(abspath $(SICF_DATA))
endif

DEMO := $(BIN)/python examples/demo.py
DEMO_OPTIONS := $(if $(DATA),--data "$(DATA)") $(if $(FILE),--path "$(FILE)") \
	$(if $(LABEL),--label "$(LABEL)") $(if $(GROUP),--group "$(GROUP)") \
	$(if $(ROI),--roi $(ROI)) $(if $(WEIGHTS),--weights "$(WEIGHTS)")

.PHONY: demo test test-oldest test-slow coverage wheel lint format docs clean

demo: $(READY)
	$(DEMO) $(DEMO_OPTIONS)

test: $(READY) lint
	$(BIN)/python -m pytest

# The oldest versions that pyproject.toml allows; `make test` has the newest.
test-oldest: $(OLDEST_READY)
	$(OLDEST)/bin/python -m pytest

# Build sdist and wheel, and try the wheel in an environment that has nothing else of ours and
# borrows the dependencies; FULL=--full installs those that it asks for.
wheel: $(READY)
	$(BIN)/python tests/check_wheel.py $(FULL)

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

# Lines that numba compiles count in a second run, on the tests that are quick enough without it.
coverage: $(READY)
	$(BIN)/python -m pytest --cov --cov-report=
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -m plain_python --cov --cov-append --cov-report= \
		-W "ignore:overflow encountered:RuntimeWarning"
	$(BIN)/python -m coverage report --skip-covered --fail-under=95

lint: $(READY)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

format: $(READY)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

docs: $(DOCS_READY)
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[plot,test]"
	touch $@

$(DOCS_READY): $(READY)
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@

$(OLDEST_READY): pyproject.toml requirements/oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --editable ".[plot,test]" \
		--constraint requirements/oldest.txt
	touch $@

clean:
	rm -rf $(VENV) $(OLDEST) demo-output build dist docs/_build docs/gallery docs/generated
