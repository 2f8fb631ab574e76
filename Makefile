# The tasks of this project. `make` lists them.

CARGO ?= cargo
# Tests that cannot run on this machine say so here, a line each.
export TEST_SKIPS := $(CURDIR)/target/test-skips.txt
export RUSTDOCFLAGS := -D warnings

.PHONY: help run test lint console console-test rust-test docs benches generate build deny

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build the release, console included, and run the demo on http://127.0.0.1:8080
	target/release/deskwire demo

build: ## build the release; with node 20 the console is inside
	@.ci/needs build
	@if .ci/needs console; then $(MAKE) --no-print-directory console; else echo "building without the console"; fi
	$(CARGO) build --release --locked -p deskwire -p deskwire-loadtest

test: ## run everything that must be green; installs what is missing
	@mkdir -p target && : > $(TEST_SKIPS)
	@.ci/needs test
	@$(MAKE) --no-print-directory lint console-test rust-test docs benches
	@echo "skipped: $$(wc -l < $(TEST_SKIPS))"; cat $(TEST_SKIPS)

lint: ## format and clippy, warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

console: ## build the web console
	@.ci/needs console
	npm --prefix web-console run build

console-test: ## build and test the web console
	@if .ci/needs console; then \
		npm --prefix web-console run build && npm --prefix web-console test; \
	else \
		echo "web-console: no node 20 here" >> $(TEST_SKIPS); \
	fi

rust-test: ## all Rust tests
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --workspace --locked && $(CARGO) test --workspace --locked --doc; \
	else \
		$(CARGO) test --workspace --locked; \
	fi

docs: ## the Rust documentation, warnings are errors
	$(CARGO) doc --workspace --no-deps --locked

# In the tests' profile: that they compile is the point, and a second build of everything would take as long again.
benches: ## compile the benches
	$(CARGO) bench --workspace --no-run --locked --profile dev

generate: ## write anew what is generated: the example of the settings
	UPDATE_EXAMPLE=1 $(CARGO) test -p deskwire --lib the_example_file_is_the_table

deny: ## licences, advisories and sources of the dependencies (needs cargo-deny)
	$(CARGO) deny check
