PYTHON ?= python3
V := .venv
BIN := $(V)/bin

.PHONY: audit demo test lint verify bench docs clean

demo: $(V)/installed
	$(BIN)/khamsin run libya-2016 --members 1000

test: $(V)/installed lint
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(V)/installed
	$(BIN)/ruff check src tests verification benchmarks scripts
	$(BIN)/mypy --strict src/khamsin
	$(BIN)/lint-imports

verify: $(V)/installed
	$(BIN)/python -m verification
	$(BIN)/python -m verification.kills
	KHAMSIN_CLUSTER_TESTS=1 timeout 900 $(BIN)/python -m pytest -n 0 tests/test_cluster.py

bench: $(V)/installed
	$(BIN)/python -m benchmarks

docs: $(V)/installed
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs site

# Known holes of the pinned packages, where pip-audit is installed (pip install pip-audit) and the network is there.
audit: $(V)/installed
	$(BIN)/python scripts/dependencies.py --check
	@if $(BIN)/python -c 'import pip_audit' 2>/dev/null; then \
	    $(BIN)/python -m pip_audit --strict --requirement constraints.txt --require-hashes --disable-pip; \
	else \
	    echo "pip-audit is not installed: docs/dependencies.md lists the versions to look up"; \
	fi

clean:
	rm -rf $(V) runs build dist site docs/reference

$(V)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "khamsin needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(V)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
