# The two commands of the README are `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

export GEMS_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/gems
BIN := .venv/bin
JAR := hla-typer/target/hla-typer.jar
LIBRARY := $(GEMS_CACHE)/library-hlann-3.51.0
HML_SCHEMA := $(GEMS_CACHE)/hml/hml-1.0.1.xsd
PIPELINES := $(GEMS_CACHE)/pipelines
S3PROXY := $(GEMS_CACHE)/s3proxy/s3proxy-4.1.0.jar
TYPER_SOURCES := hla-typer/pom.xml $(shell find hla-typer/src -type f 2>/dev/null)
PYTHON_HOUSES := gems_core gems_formats gems_report gems_api gems_reference gems_simulator gems_artefacts gems_deploy gems_local gems_cli worker userdata tests tools setup.py
VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"$$/\1/p' gems_core/__init__.py)
MAVEN := mvn --batch-mode --no-transfer-progress --quiet --file hla-typer/pom.xml -Drevision=$(VERSION)
# How many processes share the Python tests. A file's tests stay together, so that what a module starts is started once; the
# files come in the order of their names, so that the long ones of tests/end_to_end are not left for the end.
TEST_PROCESSES ?= 2
PYTEST := .venv/bin/pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder
# Who launches workers in `make e2e`.
ENGINE ?= ec2 batch
# What the pages take from npm.
VENDOR := gems_api/static/vendor/htmx.min.js
COMMIT := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

.PHONY: help demo test test-faults test-provision test-python unit integration e2e image worker-shell check prose messages docs setup venv jar library hml-schema s3proxy pipelines format lock package publish wheel release screens bench-typer bench-kernels bench-cross-match bench-lambda bench-review bench-api clean

help: ## show this list
	@grep -E '^[a-z][a-z0-9-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 12

demo: venv jar library ## type the bundled example run and show the calls beside the truth
	@$(BIN)/gems demo --cloud

# The typer's own tests take under a minute, in which Python's leave a part of two cores idle.
test: setup s3proxy pipelines tools/chromium ## run every test: the typer's own, and all of Python's beside them
	@$(MAVEN) surefire:test & typer=$$!; python=0; $(PYTEST) || python=$$?; \
	wait $$typer || { echo "the typer's own tests failed: see above" >&2; exit 1; }; exit $$python

unit: venv ## the tests that start nothing: unit and contract (less than a minute)
	@$(PYTEST) tests/unit tests/contract tests/benchmarks

integration: setup s3proxy tools/chromium ## the tests that start servers and processes on loopback
	@$(PYTEST) tests/integration

e2e: setup pipelines tools/chromium ## the end-to-end tests on both engines (ENGINE=batch: one) with the API as it is deployed: the zip behind a stand-in for API Gateway
	@GEMS_E2E_LAMBDA=1 GEMS_E2E_ENGINE="$(ENGINE)" $(PYTEST) tests/end_to_end tests/integration/deployed

# Each ends in a right report or an honest failure, and leaves no instance. GEMS_MACHINE_EXAMPLES=10000 tries as many schedules.
FAULTS := tests/unit/api/test_job_machine.py tests/unit/api/test_api_faults.py tests/unit/api/test_api_top_up.py \
	tests/unit/api/test_api_turns.py tests/unit/api/test_api_capacity.py tests/unit/api/test_api_reaper.py tests/unit/worker \
	tests/integration/strict tests/integration/worker tests/end_to_end/test_way_of_a_job.py

test-faults: setup ## lost machines, refused calls, full disks, killed workers, throttles; and random schedules of all of them
	@$(PYTEST) --timeout 0 $(FAULTS)

test-provision: setup ## as root: machines and images made by userdata/provision.sh type a share; boot times (some twenty minutes)
	@command -v debootstrap >/dev/null && command -v buildah >/dev/null || tools/apt-install.sh debootstrap buildah
	@.venv/bin/pytest -s tests/provision

# What is compiled, and what runs in Lambda's runtime client, on bare machines and as a job: under Lambda's other Python too.
test-python: jar ## Lambda's zip, deployments and workers under another Python, PYTHON=3.13 or 3.11, where there is one
	@tools/test-python.sh "$(or $(PYTHON),3.13)"

image: ## the worker's container image, by docker or buildah; TARGET=develop or local makes another, BASE names the base
	@tools/image.sh $(or $(TARGET),worker)

worker-shell: ## a shell where a worker runs, with this folder in /src: in the image by docker, else as root in a tree of Debian 12
	@tools/worker-shell.sh

check: venv tools/java ## formatting, lint, types, architecture, prose, shell, Dockerfile, and the Java build with warnings as errors
	$(BIN)/ruff format --check $(PYTHON_HOUSES)
	$(BIN)/ruff check $(PYTHON_HOUSES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) prose
	$(BIN)/shellcheck userdata/*.sh tools/*.sh .ci/run .ci/oidc-token .ci/publish
	$(BIN)/hadolint Dockerfile
	$(BIN)/cfn-lint infra/*.yaml
	@$(MAKE) jar

prose: venv ## how the pages read: long sentences, long lines, words that stop a reader
	PYTHONPATH=tools $(BIN)/python -m prose

messages: venv ## write the list of messages, tests/contract/messages.txt, again
	@PYTHONPATH=tools $(BIN)/python -m prose.messages

docs: venv ## the docs site in site/, with every warning an error
	$(BIN)/zensical build --strict --clean

setup: venv jar library hml-schema ## everything that `demo` and `test` need, once

venv: .venv/installed $(VENDOR) ## the virtualenv with pinned dependencies, and the pages' script
.venv/installed: requirements-dev.txt pyproject.toml setup.py tools/make-venv.sh
	@tools/make-venv.sh .venv requirements-dev.txt
	@touch $@

$(VENDOR): package-lock.json tools/fetch-vendor.sh
	@tools/fetch-vendor.sh
	@touch $@

.PHONY: tools/java tools/chromium
tools/chromium:
	@tools/ensure-chromium.sh

tools/java:
	@tools/ensure-java.sh

jar: $(JAR) ## the typer
$(JAR): $(TYPER_SOURCES) gems_core/__init__.py
	@tools/ensure-java.sh
	@echo "Building the typer (Maven) ..."
	@# Its tests are compiled here and run by `make test`.
	@$(MAVEN) -Dgems.commit=$(COMMIT) -DskipTests package
	@touch $@

library: $(LIBRARY)/library.json ## the reference library (IPD-IMGT/HLA 3.51.0), fetched once
$(LIBRARY)/library.json: | .venv/installed
	@echo "Building the reference library in $(LIBRARY) ..."
	@$(BIN)/gems reference build --source hlann --release 3.51.0 -o $(LIBRARY)

# Only the tests of report.hml want it; they say so where it is absent.
hml-schema: $(HML_SCHEMA) ## NMDP's schema of HML, for the tests, fetched once
$(HML_SCHEMA): | .venv/installed
	@tools/fetch-hml-schema.sh $(dir $@) || echo "HML's schema could not be fetched: the tests that need it are skipped" >&2

# Only the tests of S3's rules want it; they say so where it is absent.
s3proxy: $(S3PROXY) ## a second S3 server, for the tests, fetched once
$(S3PROXY):
	@tools/fetch-s3proxy.sh $(dir $@) || echo "S3Proxy could not be fetched: the tests that need it are skipped" >&2

# Only the tests of pipelines/ want them; they say so where these are absent.
pipelines: $(PIPELINES)/.fetched ## Snakemake and Nextflow, for the tests, fetched once
$(PIPELINES)/.fetched: requirements-pipelines.txt tools/fetch-pipelines.sh | .venv/installed
	@tools/fetch-pipelines.sh $(dir $@) && touch $@ || \
		echo "Snakemake or Nextflow could not be fetched: the tests that need them are skipped" >&2

format: venv ## put all code into the one format
	$(BIN)/ruff format $(PYTHON_HOUSES)
	$(BIN)/ruff check --fix $(PYTHON_HOUSES)
	$(MAVEN) fmt:format

lock: venv ## compile the pinned requirements again, with hashes
	@tools/lock.sh

publish: setup ## publish worker and typer of this commit: GEMS_CONTROL_BUCKET and GEMS_REGION say where (docs/releases.md)
	@.ci/publish

package: venv ## the Lambda's zip, from a virtualenv of its own
	@tools/package.sh

wheel: venv jar $(VENDOR) ## the package as a wheel in dist/, with the typer in it; the same bytes for the same commit
	@rm -rf build/lib build/bdist.*
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	@ls -l dist/*$(VERSION)*.whl

release: venv jar $(VENDOR) ## the files of a release in dist/, checked, up to the push (docs/releases.md)
	@tools/release.sh

screens: venv tools/chromium ## take a picture of every page into docs/screens; SCREENS='jobs job-running' picks some
	@command -v pngquant >/dev/null || tools/apt-install.sh pngquant
	@PYTHONPATH=tests/unit/api:tests/end_to_end:tests/screens $(BIN)/python tests/screens/take_screens.py $(SCREENS)

bench-typer: setup ## the typer's accuracy with and without a panel (about eight minutes), then its speed and memory
	@wrong=0; $(BIN)/python tests/benchmarks/bench_typer_accuracy.py || wrong=$$?; \
	$(BIN)/python tests/benchmarks/bench_shotgun_accuracy.py || wrong=$$?; \
	$(BIN)/python tests/benchmarks/bench_typer_speed.py; exit $$wrong

bench-kernels: ## time the typer's kernels with JMH (two minutes); BENCH='Search -prof gc' picks some and gives options
	@tools/ensure-java.sh
	@$(MAVEN) -Pbench -Dbench="$(or $(BENCH),.*)" test-compile exec:exec

bench-cross-match: setup ## time gems-cross-match against all exons of the library, beside minimap2 where mappy is installed; BENCH gives options
	@$(BIN)/python tests/benchmarks/bench_cross_match.py $(BENCH)

bench-lambda: setup ## the Lambda's zip: size, from spawn to first response, warm round trip, memory
	@$(BIN)/python tests/benchmarks/bench_lambda.py

bench-review: setup ## what the pages take of a review of 24 samples by the keyboard, in Chromium; BENCH=--lambda by the deployed zip
	@$(BIN)/python tests/benchmarks/bench_review.py $(BENCH)

bench-api: venv ## the control plane under load beside its aims (about half an hour); BENCH='--only hour list' picks parts
	@$(BIN)/python tests/benchmarks/bench_api.py $(BENCH)

clean: ## remove what was built here (the cache in $(GEMS_CACHE) stays)
	rm -rf .venv hla-typer/target build dist out site *.egg-info
