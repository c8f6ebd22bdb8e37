# Everything that people and CI do with this repository. `make` alone lists it.
#
# Variables from the command line or the environment reach what is started, such as:
#   make run HTTP_PORT=8081 SIMULATOR_PORT=8091 AWS_PORT=4567     other ports for the local stack
#   make run VONAGE_API_URL=https://api.nexmo.com            another provider than the simulator
#   make test PYTHON=python3.13                              another Python: .venv is made again with it
#   make test TESTS=tests/unit ARGS="-k failover -x"         some tests

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAM_VENV ?= .venv-sam
SAM_BIN := $(SAM_VENV)/bin
CHECKOV_VENV := .venv-checkov
LOCALEMU_VENV := .venv-localemu
UV := uv==0.13.9

# One stamp per Python version, so that another PYTHON makes the environments again.
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null || echo none)
READY := $(VENV)/ready-$(PYTHON_VERSION)
SAM_READY := $(SAM_VENV)/ready-$(PYTHON_VERSION)
CHECKOV_READY := $(CHECKOV_VENV)/ready-$(PYTHON_VERSION)

# npm writes this file at the end of an installation.
NODE_READY := node_modules/.package-lock.json
API_TYPES := openapi-typescript functions/getthrough/web/openapi.json --output types/api.d.ts \
	--root-types --root-types-no-schema-prefix --alphabetize --empty-objects-unknown

TESTS ?=
ARGS ?=
STAGES = $(BIN)/python -u -m tools.stages

# The processor of the functions: the template's default. `make sam-local` builds for this computer instead.
ARCHITECTURE ?= arm64
# `sam build` empties this folder. So the environment names it by a name that is ours alone.
BUILD := $(or $(GETTHROUGH_BUILD),.aws-sam/build)
LOCAL_BUILD := .aws-sam/local

# What `make deploy` deploys: an environment of samconfig.toml, and what changes of the template's parameters.
STAGE ?= default
PARAMETERS ?=
# `make deploy BUILT=yes` deploys what `make build` has built, and builds nothing.
BUILT := $(GETTHROUGH_BUILT)

# Images of Docker often set it. Without bytecode each process that a target starts compiles all packages again.
unexport PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY := 0
# `sam build` takes wheels for the runtime's Python and never needs that Python itself.
SAM := PATH="$(abspath $(SAM_BIN)):$$PATH" UV_PYTHON_DOWNLOADS=never sam
# SAM wants a region even where it calls nothing. `make deploy` takes the caller's own.
OFFLINE_SAM := AWS_DEFAULT_REGION=eu-west-1 $(SAM)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: $(READY) ## Make .venv with everything for tests, checks and the local stack (the other targets do it too)

.PHONY: run
run: $(READY) ## Run the whole system on 127.0.0.1: API and console, an AWS emulator, a simulator of Vonage
	@exec $(BIN)/python -m local.stack

.PHONY: demo
demo: $(READY) ## Run the system and watch one message get through by failover
	@exec $(BIN)/python -m local.demo

.PHONY: screenshots
screenshots: $(READY) ## Take the README's pictures again: the cupcake story in a real browser
	@PYTHONPATH=functions:. CHROMIUM=$$($(BIN)/python -m tools.browser) $(BIN)/python -m tools.screenshots

.PHONY: test
test: $(READY) bundler ## Run the tests that every commit has to pass, cheapest first: about 4 minutes on two processors
	@$(STAGES) test $(if $(TESTS),--paths $(TESTS)) -- $(ARGS)

.PHONY: verify
verify: $(READY) bundler ## Run every test, chaos too: about 10 minutes on two processors
	@$(STAGES) verify -- $(ARGS)

.PHONY: chaos
chaos: $(READY) ## Kill workers and break AWS on the running local stack, and check that every dispatch ends
	@$(STAGES) verify --paths tests/chaos -- $(ARGS)

.PHONY: mutants
mutants: $(READY) ## Break each promise on purpose, in a copy, and check that the tests notice (docs/promises.md)
	$(BIN)/python -m tests.mutants $(ARGS)

.PHONY: soak
soak: $(READY) ## Look for broken promises in random histories for SECONDS=60; SEED=n makes a run again
	PYTHONPATH=functions:. $(BIN)/python -m tests.simulation.soak --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

.PHONY: fuzz
fuzz: $(READY) ## Send COUNT=100000 broken webhooks through the webhook functions; SEED=n plays a world again
	PYTHONPATH=functions:. $(BIN)/python -m tests.fuzz.run --count $(or $(COUNT),100000) $(if $(SEED),--seed $(SEED))

.PHONY: lab
lab: $(READY) ## Try the policy lab on traffic with known distributions: how often its intervals contain the true value, what its windows cost
	PYTHONPATH=functions:. $(BIN)/python -m tests.lab $(ARGS)

.PHONY: bench
bench: $(READY) ## Compare the handlers' processor time with others that do the same, and count what AWS charges: ARGS="--costs" (docs/performance.md)
	PYTHONPATH=functions:. $(BIN)/python -m bench.handlers $(ARGS)

.PHONY: burst
burst: $(READY) ## Send a day's webhooks at once to the real functions, measure, compare: ARGS="--dispatches 5000 --workers 8"
	PYTHONPATH=functions:. $(BIN)/python -m bench.webhooks $(ARGS)

.PHONY: replay
replay: $(READY) ## Rebuild dispatches from their stored webhooks and compare: ARGS="--local [--repair] [DISPATCH_UUID ...]"
	@$(BIN)/getthrough replay $(ARGS)

.PHONY: permissions
permissions: $(READY) ## Write docs/permissions.md from template.yaml: which function may do what
	$(BIN)/python -m tools.permissions

.PHONY: channels
channels: $(READY) ## Write docs/channels.md and the console's channel tables from domain/message/channels.py
	PYTHONPATH=functions:. $(BIN)/python -m tools.describe_channels
	PYTHONPATH=functions:. $(BIN)/python -m tools.console_channels

.PHONY: vendor
vendor: $(READY) $(NODE_READY) ## Write the console's copy of Preact, Signals and htm, in the versions of package-lock.json
	$(BIN)/python -m tools.vendor_console

.PHONY: api-types
api-types: $(READY) $(NODE_READY) ## Write types/api.d.ts, the console's types, from the OpenAPI document
	@npx $(API_TYPES)

.PHONY: openapi
openapi: $(READY) ## Write functions/getthrough/web/openapi.json from the code's types and tables
	PYTHONPATH=functions:. $(BIN)/python -m tools.openapi

.PHONY: structure
structure: $(READY) ## Count what makes the project simple or not: parameters, files, lines, repeated shapes
	PYTHONPATH=functions:. $(BIN)/python -m tools.count_structure

.PHONY: recover
recover: $(READY) ## List quarantined webhooks and dead letters, and release them: ARGS="quarantine list --local" (docs/runbook.md)
	@$(BIN)/getthrough recover $(ARGS)

.PHONY: up
up: $(READY) ## Deploy a stack, wire a Vonage application to it, and try it: TO=your phone [FROM=sender] [STACK=name] (docs/deploy.md)
	@$(BIN)/getthrough up $(if $(STACK),--stack "$(STACK)") $(if $(TO),--to "$(TO)") $(if $(FROM),--from "$(FROM)") $(ARGS)

# Credentials of the API are taken from GETTHROUGH_CLIENT and GETTHROUGH_SECRET, or out of the stack's secret.
.PHONY: smoke
smoke: $(READY) ## Check a deployed stack from outside: STACK=name [TO=your phone] [FROM=sender]; without STACK the local one
	@$(BIN)/getthrough smoke $(if $(STACK),--stack "$(STACK)",--local) $(if $(TO),--to "$(TO)") \
		$(if $(FROM),--from "$(FROM)") $(ARGS)

.PHONY: check
check: $(READY) prose github ## Check style, types, the dependency rule, the OpenAPI document, the words and prose, and the settings of GitHub
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=functions:. $(BIN)/lint-imports
	PYTHONPATH=functions:. $(BIN)/python -m tools.openapi --check
	$(BIN)/python -m tools.permissions --check
	@$(BIN)/python -m tools.check_words
	@$(call with_node,check-web,the JavaScript is not checked)

.PHONY: check-web
check-web: $(READY) $(NODE_READY) ## Check the types, the style and the generated declarations of the JavaScript
	npx $(API_TYPES) --check
	$(BIN)/python -m tools.vendor_console --check
	npx tsc --project .
	npx biome check --error-on-warnings

.PHONY: format
format: $(READY) ## Put the code into its standard form, and fix what the linters can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@$(call with_node,format-web,the JavaScript is not formatted)

.PHONY: format-web
format-web: $(NODE_READY) ## Put the JavaScript and CSS into their standard form
	npx biome check --write

.PHONY: lock
lock: $(READY) ## Pin the packages of requirements*.in with their hashes; ARGS="--upgrade-package NAME" or "--upgrade"
	@for name in requirements requirements-dev requirements-sam; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make lock" --output-file $$name.txt $(ARGS) $$name.in; \
	done

.PHONY: sbom
sbom: $(READY) ## Write sbom.json, a bill of materials (CycloneDX) for the packages that ship
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-file sbom.json requirements.txt

.PHONY: github
github: $(READY) ## Check the settings of GitHub: workflows, forms, Dependabot
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/github-actions/deploy.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(BIN)/zizmor --offline --no-progress --quiet .github examples/github-actions

.PHONY: words
words: prose ## Find words and sentences that readers stumble over, in code and documents
	@$(BIN)/python -m tools.check_words

.PHONY: prose
prose: $(READY) ## Lint the documents: their words and the length of their sentences
	@$(BIN)/python -m tools.check_prose

# SAM's basic validation and its lint each find what the other misses; with `lint = true` in samconfig.toml only a
# configuration that is not there gives the basic one. Lint sees the source, the last line what AWS will see.
.PHONY: validate
validate: $(READY) $(SAM_READY) ## Validate the templates, without a network
	@for template in template.yaml infra/*.yaml; do \
		$(OFFLINE_SAM) validate --config-env basic --template "$$template"; \
		$(OFFLINE_SAM) validate --lint --template "$$template"; \
	done
	$(BIN)/cfn-lint examples/*/*.yaml
	@rm -rf .cache/translated
	$(BIN)/python -m tools.translate .cache/translated
	$(BIN)/cfn-lint '.cache/translated/**/*.json'

.PHONY: grants
grants: $(READY) ## See that each handler makes exactly the calls of AWS that its policy grants, in the functional tests
	$(BIN)/python -m pytest -p tests.granted_calls tests/functional --numprocesses auto --dist loadfile $(ARGS)

.PHONY: second-opinion
second-opinion: $(READY) $(CHECKOV_READY) localemu ## Let checkov judge what AWS will see, and a second emulator create it
	@rm -rf .cache/translated
	$(BIN)/python -m tools.translate .cache/translated
	$(CHECKOV_VENV)/bin/checkov --config-file .checkov.yaml --directory .cache/translated
	$(BIN)/python -m pytest tests/deployment/test_second_emulator.py $(ARGS)

# LocalEmu runs on Python 3.13 alone. Where there is none, its test is skipped and says so.
.PHONY: localemu
localemu: requirements-localemu.txt
	@if [ ! $(LOCALEMU_VENV)/ready -nt $< ] && python3.13 -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "setup: installing $< into $(LOCALEMU_VENV)"; \
		rm -rf $(LOCALEMU_VENV) && python3.13 -m venv $(LOCALEMU_VENV); \
		$(LOCALEMU_VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(UV); \
		$(LOCALEMU_VENV)/bin/uv pip install --quiet --python $(LOCALEMU_VENV)/bin/python -r $<; \
		touch $(LOCALEMU_VENV)/ready; \
	fi

.PHONY: build
build: $(READY) $(SAM_READY) $(NODE_READY) ## Build what is deployed: only what runs, for Lambda, with bytecode; and check the result
	$(OFFLINE_SAM) build --build-dir $(BUILD) --parameter-overrides Architecture=$(ARCHITECTURE)
	$(SAM_BIN)/python -m tools.prune $(BUILD)
	$(SAM_BIN)/python -m tools.bundle_console $(BUILD)
	$(SAM_BIN)/python -m tools.bytecode $(BUILD)
	$(SAM_BIN)/python -m tools.check_bundle $(BUILD) $(ARCHITECTURE)

.PHONY: deploy
deploy: ARCHITECTURE = arm64
deploy: deploy-target $(if $(BUILT),,build) ## Deploy into your AWS account: STAGE=dev PARAMETERS="AlarmEmail=you@example.org" (docs/deploy.md)
	@region=$$($(BIN)/python -m tools.region); \
	$(SAM) deploy --config-file "$(CURDIR)/samconfig.toml" --config-env $(STAGE) --region "$$region" \
		--template-file $(BUILD)/template.yaml --parameter-overrides Architecture=$(ARCHITECTURE) $(PARAMETERS) $(ARGS)

# What is wrong with the caller's settings shows before the build, not after it.
.PHONY: deploy-target
deploy-target: $(READY)
	@grep -q '^\[$(STAGE)\.deploy\.parameters\]' samconfig.toml || \
		{ echo "samconfig.toml has no environment '$(STAGE)'. Choose another with STAGE=..." >&2; exit 1; }
	@region=$$($(BIN)/python -m tools.region); echo "deploy: environment $(STAGE) of samconfig.toml, region $$region"

.PHONY: wheel
wheel: $(READY) ## Build dist/getthrough-*.whl: the command line, with the templates and functions in it
	@rm -rf dist
	$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist
	@ls dist

.PHONY: sam-local
sam-local: $(READY) ## Run the local stack with every function in AWS's own image, in Docker (docs/sam-local.md)
	@$(BIN)/python -m tools.sam_local --check
	@$(MAKE) build BUILD=$(LOCAL_BUILD) ARCHITECTURE=$(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
	@exec $(BIN)/python -m tools.sam_local $(LOCAL_BUILD) $(ARGS)

.PHONY: clean
clean: ## Remove everything that the other targets made
	rm -rf $(VENV) $(SAM_VENV) $(CHECKOV_VENV) $(LOCALEMU_VENV) node_modules .aws-sam .cache .local .coverage coverage.xml dist
	rm -rf .hypothesis sbom.json .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv comes from PyPI into each environment and installs the rest ten times faster than pip.
$(READY): requirements.txt requirements-dev.txt
	$(call fresh_environment,$(VENV))
	@echo "setup: installing requirements-dev.txt into $(VENV)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(SAM_READY): requirements-sam.txt
	$(call fresh_environment,$(SAM_VENV))
	@echo "setup: installing requirements-sam.txt into $(SAM_VENV)"
	@$(SAM_BIN)/uv pip install --quiet --python $(SAM_BIN)/python --require-hashes -r requirements-sam.txt
	@touch $@

# What checks and bundles the JavaScript comes from npm's registry, in the versions of package-lock.json.
$(NODE_READY): package.json package-lock.json
	@command -v npm >/dev/null || \
		{ echo "Install Node.js 20 or newer with npm. On Debian or Ubuntu: apt-get install nodejs npm" >&2; exit 1; }
	@echo "setup: installing package-lock.json into node_modules"
	@npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

# Browser tests open the console as it is deployed.
.PHONY: bundler
bundler:
	@$(call with_node,$(NODE_READY),the tests open the console as it stands and not as it is deployed)

# $(call with_node,target,consequence): make a target, or say that Node is missing; in CI that is an error.
define with_node
if command -v npm >/dev/null; then \
	$(MAKE) --no-print-directory $(1); \
elif [ "$${CI:-}" = true ]; then \
	echo "Node 20 or newer is missing, so $(2)." >&2; exit 1; \
else \
	echo "Node 20 or newer is missing, so $(2)."; \
fi
endef

$(CHECKOV_READY): requirements-checkov.txt
	$(call fresh_environment,$(CHECKOV_VENV))
	@echo "setup: installing requirements-checkov.txt into $(CHECKOV_VENV)"
	@$(CHECKOV_VENV)/bin/uv pip install --quiet --python $(CHECKOV_VENV)/bin/python -r requirements-checkov.txt
	@touch $@

define fresh_environment
@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	echo "'$(PYTHON)' is not a Python 3.11 or newer. Name one: make PYTHON=python3.13 ..." >&2; exit 1; \
fi
@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; \
fi
@if ! $(1)/bin/python -c 'import pip, platform, sys; sys.exit(platform.python_version() != "$(PYTHON_VERSION)")' 2>/dev/null; then \
	echo "setup: making $(1) with Python $(PYTHON_VERSION)"; \
	rm -rf $(1); \
	$(PYTHON) -m venv $(1); \
fi
@rm -f $(1)/ready-*
@$(1)/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
endef
