# The tasks of this project. `make` lists them.

CARGO ?= cargo
# Bugs can be planted in the tests' build, none is on by itself; the release has none.
PLANTED := --features deskwire/planted-bugs
# The output of the last test run. A test that cannot run on this machine says so in a line that begins with SKIPPED.
OUTPUT := target/test-output.txt
FAULTS := target/faults-output.txt
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
# The private rooms are documented too, so links to them lead somewhere.
export RUSTDOCFLAGS := -D warnings -A rustdoc::private_intra_doc_links

# All that the console is made of. Directories too: one from which a file went is newer than the page.
CONSOLE := web-console/dist/index.html
CONSOLE_SOURCES := $(shell find web-console/src web-console/public) \
	$(addprefix web-console/,index.html package.json package-lock.json tsconfig.json vite.config.ts)

.DELETE_ON_ERROR:
.PHONY: help run test faults lint console console-test rust-test docs benches bench bench-peers capacity generate build deny

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build the release, console included, and run the demo on http://127.0.0.1:8080
	target/release/deskwire demo

build: ## build the release; with node 20 the console is inside
	@.ci/needs build
	@if .ci/needs console; then $(MAKE) --no-print-directory console; else echo "building without the console"; fi
	$(CARGO) build --release --locked -p deskwire -p deskwire-loadtest

test: ## run everything that must be green; installs what is missing
	@.ci/needs test
	@mkdir -p target && : > $(OUTPUT)
	@$(MAKE) --no-print-directory lint console-test rust-test docs benches
	@grep -h '^SKIPPED' $(OUTPUT) || true
	@echo "skipped: $$(grep -c '^SKIPPED' $(OUTPUT) || true)"

# One test after another: what they break, and what they measure, is theirs alone. Their rows begin with FAULT.
faults: ## break the process and its disk in every way, at full length (more than an hour; as root, for disks of its own)
	@.ci/needs test
	@mkdir -p target
	DESKWIRE_FAULTS=long $(CARGO) test --profile faults --locked $(PLANTED) -p deskwire --no-fail-fast \
		--test faults --test store_killed -- --test-threads=1 --show-output 2>&1 | tee $(FAULTS) || true
	@.ci/faults $(FAULTS)

lint: ## format and clippy, warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked $(PLANTED) -- -D warnings

console: ## build the web console, if anything of it has changed
	@.ci/needs console
	@$(MAKE) --no-print-directory $(CONSOLE)

# Only then: the engine holds these files, and is built anew whenever they are.
$(CONSOLE): $(CONSOLE_SOURCES)
	npm --prefix web-console run build

console-test: ## build and test the web console
	@if .ci/needs console; then \
		$(MAKE) --no-print-directory $(CONSOLE) && npm --prefix web-console test; \
	else \
		mkdir -p target && echo "SKIPPED the web console: no node 20 and npm here" | tee -a $(OUTPUT); \
	fi

rust-test: ## all Rust tests
	@mkdir -p target
	$(CARGO) test --workspace --locked $(PLANTED) -- --show-output 2>&1 | tee -a $(OUTPUT)

docs: ## the Rust documentation, warnings are errors
	$(CARGO) doc --workspace $(PLANTED) --no-deps --document-private-items --locked

# In the tests' profile: that they compile is the point, and a second build of everything would take as long again.
benches: ## compile the benches
	$(CARGO) bench --workspace $(PLANTED) --no-run --locked --profile dev

# Criterion's figures and what is kept beside them go to one place, wherever builds go.
export CRITERION_HOME ?= $(CURDIR)/target/criterion

bench: ## run the benches and print one table: some five minutes, the build besides
	$(CARGO) bench --locked -p deskwire-benches --benches
	@$(CARGO) run --release --locked --quiet -p deskwire-benches --bin bench-table

# Who is missing of the peers is named in a line that begins with SKIPPED.
bench-peers: build ## compare with socket.io, NATS and JetStream on this machine: some 20 minutes
	@.ci/needs peers
	$(CARGO) build --release --locked -p deskwire-benches --bin bench-peers
	target/release/bench-peers

capacity: build ## measure what this machine can do, and print it as a table with the targets: some 7 minutes
	$(CARGO) build --release --locked -p deskwire-benches --bin capacity
	target/release/capacity

generate: ## write anew what is generated: the example of the settings
	UPDATE_EXAMPLE=1 $(CARGO) test -p deskwire --lib the_example_file_is_the_table

deny: ## licences, advisories and sources of the dependencies (needs cargo-deny)
	$(CARGO) deny check
