# Every target sets up what it needs in .venv. Nothing but Python 3.11+, make and git has to be there before.

PYTHON ?= python3
VENV := .venv
PEER := .venv-peer
API := .venv-api
BENCH := .venv-bench
OFFICIAL := .venv-official
PACKAGES := .venv-packages
NOX := $(PACKAGES)/bin/nox --non-interactive
LOCKS := .venv-lock
HOOKS := .venv-hooks
RAY := .venv-ray
COOKBOOK := .venv-cookbook
WEB := .venv-web
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
MIN := 3, 11

# Tests are compiled with their assertions rewritten, and hundreds of processes import the package: without bytecode files,
# each worker and each process compiles it all again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo web test test-lowest packages packages-fast packages-tests lock record-public check-public release-check release-notes cut hooks test-official test-ray test-cookbook test-web chromium check check-api generate bench docs clean venv coverage record-demo record-wire record-surface fuzz

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

demo: $(VENV)/.demo ## Run the main job against the local emulator (LIVE=1: against the real service, with your key)
	@$(PY) -m twelvelabs_async.cli demo $(if $(LIVE),--live --yes) $(ARGS)

web: $(VENV)/.web ## Start a page to upload, search and watch videos, with the local emulator (LIVE=1: with the real service)
	@exec $(PY) -m examples.web $(if $(LIVE),--live) $(ARGS)

test: $(VENV)/.dev ## Run the tests
	@$(PY) -m pytest -n auto --dist worksteal $(ARGS)

test-web: $(WEB)/.done chromium ## Run the tests of the page in a browser: Chromium, which is installed where apt-get may
	@$(WEB)/bin/python -m pytest -n 2 -p no:cacheprovider tests/web $(ARGS)

chromium: # fails where there is no Chromium and it cannot be installed
	@command -v $${CHROMIUM:-chromium} >/dev/null \
		|| { test -z "$$CHROMIUM" -a "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing Chromium ..." \
			&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
		|| { echo "There is no Chromium: install it (apt-get install chromium), or set CHROMIUM=/path/to/it" >&2; exit 1; }

test-lowest: $(PACKAGES)/.done ## Run the tests of the wheel with the oldest dependencies that pyproject.toml allows
	@$(NOX) -s "tests-$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')(versions='lowest')" $(if $(ARGS),-- $(ARGS))

packages: $(PACKAGES)/.done ## Build and check sdist and wheel, and test the wheel under every Python here, with and without extras
	@$(NOX) $(ARGS)

packages-fast: $(PACKAGES)/.done # the part of it that make check runs
	@$(NOX) -s fast

packages-tests: $(PACKAGES)/.done ## Run the tests of the wheel under one Python (PYTHON=...), with the newest dependencies
	@$(NOX) -s "tests-$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')(versions='newest')" $(if $(ARGS),-- $(ARGS))

test-ray: $(RAY)/.done ## Run the tests of batch ingestion on Ray, which is large: in an environment of its own
	@$(RAY)/bin/python -m pytest -n 2 --dist loadfile -p no:cacheprovider $(or $(ARGS),tests/ray)

test-cookbook: $(COOKBOOK)/.done ## Run the pages that need LanceDB, which is large, or Jupyter: in an environment of their own
	@$(COOKBOOK)/bin/python -m pytest -p no:cacheprovider $(or $(ARGS),tests/cookbook)

check: $(VENV)/.dev ## Generated code, style, types, coverage of hand-written lines and branches
	@$(PY) -m codegen --check
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/basedpyright
	@$(MAKE) --no-print-directory check-public
	@$(MAKE) --no-print-directory packages-fast
	@$(MAKE) --no-print-directory coverage

check-api: $(VENV)/.dev $(API)/.done ## Let schemathesis loose on the emulator, with the OpenAPI document as the judge
	@$(PY) -m tests.api.run $(API)/bin/schemathesis $(ARGS)

test-official: $(OFFICIAL)/.done ## Run the official SDK, synchronous and asynchronous, against the emulator
	@$(OFFICIAL)/bin/python -m pytest -q -p no:cacheprovider --confcutdir tests/official tests/official $(ARGS)

SECONDS ?= 60
# For every platform, without the address of any registry.
LOCKING := --universal --python-version 3.11 -c constraints.txt --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade

fuzz: $(VENV)/.dev ## Run the property tests of the parsers for SECONDS=60 with random seeds (TARGETS="sse json": only these)
	@$(PY) -m tests.fuzz --seconds $(SECONDS) $(TARGETS) $(ARGS)

# These run type checkers and other environments, where no line is measured; `make test` runs them.
UNMEASURED := tests/typing tests/installation

coverage: $(VENV)/.dev ## Run the tests and fail below 95 % of hand-written lines and branches
	@$(PY) -m coverage erase
	@$(PY) -m coverage run -m pytest -q -n auto --dist worksteal $(or $(ARGS),tests $(UNMEASURED:%=--ignore %))
	@$(PY) -m coverage combine -q
	@$(PY) -m coverage report

generate: $(VENV)/.dev ## Write twelvelabs_async/_generated from the OpenAPI document
	@$(PY) -m codegen

docs: $(VENV)/.docs ## Build the documentation into docs/_build/html; any warning and any broken link is an error
	@$(PY) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@$(PY) docs/_ext/check_site.py docs/_build/html
	@echo "Open docs/_build/html/index.html"

bench: $(BENCH)/.done ## Measure speed and memory next to the official SDK and bare aiohttp; write the tables and the plot of the docs
	@$(BENCH)/bin/python -m bench $(ARGS)

check-public: $(VENV)/.dev # removed or changed public names that the changelog does not name
	@$(PY) -m release surface

record-public: $(VENV)/.dev ## Record the public names in release/public-surface.txt; refused if the changelog lacks one that breaks
	@$(PY) -m release surface --write

cut: $(VENV)/.dev ## Make a release of what is unreleased (VERSION=1.2.3): RELEASING.md
	@$(PY) -m release cut $(VERSION)

release-check: $(VENV)/.dev # whether TAG=v1.2.3 of REPOSITORY=address can be released
	@$(PY) -m release check --tag "$(TAG)" --repository "$(REPOSITORY)"

release-notes: $(VENV)/.dev # the entries of CHANGELOG.md for TAG=v1.2.3
	@$(PY) -m release notes "$(TAG:v%=%)"

lock: $(LOCKS)/.done ## Write locks/ again: the versions of constraints.txt, with hashes
	@$(LOCKS)/bin/uv pip compile -q pyproject.toml --all-extras $(LOCKING) -o locks/package.txt
	@$(LOCKS)/bin/uv pip compile -q --group packages $(LOCKING) -o locks/release.txt

hooks: $(HOOKS)/.done $(VENV)/.dev ## Install the hooks of .pre-commit-config.yaml into .git
	@$(HOOKS)/bin/pre-commit install

record-demo: $(VENV)/.demo ## Record the demo again, for the picture of the README
	@$(PY) docs/images/record_demo.py

record-wire: $(PEER)/.done ## Record again what the official SDK sends, for the comparison in tests/wire
	@$(PEER)/bin/python -m tests.wire.record

record-surface: $(PEER)/.done ## Record the names of the official SDK again, for the comparison in tests/official_surface
	@$(PEER)/bin/python -m tests.official_surface.record

venv: $(VENV)/.dev ## Make .venv with everything for development

clean: ## Remove .venv and everything that was built
	rm -rf $(VENV) $(PEER) $(API) $(BENCH) $(PACKAGES) $(LOCKS) $(HOOKS) .nox $(RAY) $(COOKBOOK) $(OFFICIAL) $(WEB) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* docs/_build docs/reference/models docs/reference/resources .demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.base: constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "python3 was not found: install Python 3.11 or newer, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < ($(MIN)))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Say make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(PY) || { echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@$(PIP) install -q -c constraints.txt pip
	@touch $@

$(VENV)/.demo: $(VENV)/.base pyproject.toml
	@echo "Installing what the demo needs ..."
	@PIP_CONSTRAINT=constraints.txt $(PIP) install -q -e '.[cli,emulator]'
	@touch $@

$(VENV)/.web: $(VENV)/.base pyproject.toml
	@echo "Installing what the page needs ..."
	@PIP_CONSTRAINT=constraints.txt $(PIP) install -q -e '.[emulator,starlette]' --group examples
	@touch $@

$(VENV)/.dev: $(VENV)/.base pyproject.toml
	@echo "Installing what development needs ..."
	@PIP_CONSTRAINT=constraints.txt $(PIP) install -q -e '.[emulator,fast]' --group dev
	@touch $@ $(VENV)/.demo $(VENV)/.web

$(VENV)/.docs: $(VENV)/.base pyproject.toml
	@echo "Installing what the documentation needs ..."
	@PIP_CONSTRAINT=constraints.txt $(PIP) install -q -e '.[emulator,otel,starlette]' --group docs
	@touch $@

$(PEER)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing the official SDK ..."
	@test -x $(PEER)/bin/python || $(PYTHON) -m venv $(PEER)
	@$(PEER)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(PEER)/bin/python -m pip --disable-pip-version-check install -q --group peer
	@touch $@

$(OFFICIAL)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing the official SDK and the emulator ..."
	@test -x $(OFFICIAL)/bin/python || $(PYTHON) -m venv $(OFFICIAL)
	@$(OFFICIAL)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(OFFICIAL)/bin/python -m pip --disable-pip-version-check install -q -e '.[emulator]' --group official
	@touch $@

# An environment of its own: schemathesis is a plugin of pytest, too, and would be loaded by every test run.
$(API)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing schemathesis ..."
	@test -x $(API)/bin/python || $(PYTHON) -m venv $(API)
	@$(API)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(API)/bin/python -m pip --disable-pip-version-check install -q --group check-api
	@touch $@

$(PACKAGES)/.done: $(VENV)/.base locks/release.txt
	@echo "Installing what builds and checks the packages ..."
	@test -x $(PACKAGES)/bin/python || $(PYTHON) -m venv $(PACKAGES)
	@$(PACKAGES)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@$(PACKAGES)/bin/python -m pip --disable-pip-version-check install -q --require-hashes -r locks/release.txt
	@touch $@

$(LOCKS)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing uv ..."
	@test -x $(LOCKS)/bin/python || $(PYTHON) -m venv $(LOCKS)
	@$(LOCKS)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(LOCKS)/bin/python -m pip --disable-pip-version-check install -q --group lock
	@touch $@

$(HOOKS)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing pre-commit ..."
	@test -x $(HOOKS)/bin/python || $(PYTHON) -m venv $(HOOKS)
	@$(HOOKS)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(HOOKS)/bin/python -m pip --disable-pip-version-check install -q --group hooks
	@touch $@

$(RAY)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing Ray ..."
	@test -x $(RAY)/bin/python || $(PYTHON) -m venv $(RAY)
	@$(RAY)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(RAY)/bin/python -m pip --disable-pip-version-check install -q -e '.[cli,emulator,fast,ray]' --group test
	@touch $@

$(COOKBOOK)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing LanceDB and a Jupyter kernel ..."
	@test -x $(COOKBOOK)/bin/python || $(PYTHON) -m venv $(COOKBOOK)
	@$(COOKBOOK)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(COOKBOOK)/bin/python -m pip --disable-pip-version-check install -q -e '.[emulator,fast]' --group test --group cookbook
	@touch $@

# An environment of its own: with Playwright, a plain `make test` would run tests that need a browser.
$(WEB)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing Playwright ..."
	@test -x $(WEB)/bin/python || $(PYTHON) -m venv $(WEB)
	@$(WEB)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(WEB)/bin/python -m pip --disable-pip-version-check install -q -e '.[emulator,starlette]' --group test --group web
	@touch $@

$(BENCH)/.done: $(VENV)/.base pyproject.toml
	@echo "Installing the package and the official SDK ..."
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt pip
	@PIP_CONSTRAINT=constraints.txt $(BENCH)/bin/python -m pip --disable-pip-version-check install -q -e '.[emulator,fast,starlette]' --group bench
	@touch $@
