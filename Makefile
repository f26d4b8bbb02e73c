# Two commands: `make run` starts a living demo branch, `make test` runs every test. `make` alone lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

export PATH := $(HOME)/.cargo/bin:$(PATH)
# Real queue logs to test against; where the folder is absent, their tests report themselves as skipped.
TALON_LOGS ?= ../shared/data
override TALON_LOGS := $(abspath $(TALON_LOGS))
export TALON_LOGS

CARGO_FLAGS ?= --locked
NEXTEST_PROFILE ?= $(if $(CI),ci,default)
TARGET := $(or $(CARGO_TARGET_DIR),target)
NODE_OK := $(shell node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null && echo yes)

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what is missing for building and testing (Debian, Ubuntu)
	@scripts/setup.sh

.PHONY: setup-to-run
setup-to-run:
	@scripts/setup.sh --to-run

ifneq ($(wildcard panel/package.json),)
PANEL_SOURCES := $(wildcard $(shell git ls-files -co --exclude-standard panel 2>/dev/null || \
	find panel -type f -not -path '*/node_modules/*' -not -path 'panel/dist/*' -not -path 'panel/.stamp/*'))

panel/.stamp/modules: panel/package-lock.json
	cd panel && npm ci --no-audit --no-fund
	@mkdir -p $(@D) && touch $@

panel/.stamp/dist: panel/.stamp/modules $(PANEL_SOURCES) $(wildcard schemas/schema.graphql)
	cd panel && npm run build
	@mkdir -p $(@D) && touch $@
endif

.PHONY: test-tools
ifneq ($(NODE_OK),)
# A real OpenID provider, for the tests of the organisation's own sign-in.
api/tests/oidc/node_modules: api/tests/oidc/package-lock.json
	cd api/tests/oidc && npm ci --no-audit --no-fund
	@touch $@
test-tools: api/tests/oidc/node_modules
else
test-tools:
	@echo "test: no Node.js: the tests of the organisation's own sign-in are skipped"
endif

.PHONY: panel
ifneq ($(and $(wildcard panel/package.json),$(NODE_OK)),)
ifeq ($(wildcard panel/node_modules),) # somebody deleted it: the stamp lies
$(shell rm -f panel/.stamp/modules)
endif
ifeq ($(wildcard panel/dist),)
$(shell rm -f panel/.stamp/dist)
endif
panel: panel/.stamp/dist ## build the pages that the binary serves
else
panel:
	@echo "panel: not built (no panel/package.json, or no Node.js 20.19 with npm); the server says so on its pages"
endif

.PHONY: run
run: setup-to-run panel ## build what is missing and start a living demo branch (ARGS="--help" for its flags)
	cargo build $(CARGO_FLAGS) --release --bins
	exec $(TARGET)/release/talon demo $(ARGS)

.PHONY: test
test: setup panel test-tools test-rust test-panel ## run every test: Rust, PostgreSQL, panel, browser

# One build serves the tests, the freshness check and the browser's tests: same profile, same features.
.PHONY: build-tests
build-tests: panel
	cargo build $(CARGO_FLAGS) --workspace --bins --tests

.PHONY: test-rust
test-rust: build-tests test-tools ## the Rust tests alone, beside a private PostgreSQL
	@[ -d "$$TALON_LOGS" ] || echo "test: no queue logs at $$TALON_LOGS (set TALON_LOGS): their tests are skipped"
	@if command -v cargo-nextest >/dev/null; then \
	   set -x; scripts/with-postgres.sh scripts/test-rust.sh $(NEXTEST_PROFILE) $(CARGO_FLAGS) $(ARGS); \
	 else \
	   set -x; scripts/with-postgres.sh cargo test $(CARGO_FLAGS) --workspace --bins --tests $(ARGS); \
	 fi
	cargo test $(CARGO_FLAGS) --workspace --doc --quiet

.PHONY: test-panel
test-panel: build-tests ## the panel's unit and browser tests alone
ifneq ($(wildcard panel/package.json),)
	cd panel && npm test
	cd panel && TALON_BIN="$(abspath $(TARGET)/debug/talon)" npm run e2e
else
	@echo "panel: no panel/package.json, nothing to test"
endif

.PHONY: check
check: setup fmt-check deny typos panel-check clippy fresh ## formatting, lints, types, licences, freshness of generated files

.PHONY: fmt-check
fmt-check:
	cargo fmt --all --check

.PHONY: fmt
fmt: ## format the Rust sources
	cargo fmt --all

.PHONY: deny
deny:
	@if command -v cargo-deny >/dev/null; then set -x; cargo deny --locked check licenses bans sources; \
	 else echo "check: cargo-deny is not installed: licences, bans and sources of dependencies NOT checked (cargo install cargo-deny --locked)"; fi

.PHONY: typos
typos:
	@if command -v typos >/dev/null; then set -x; typos; \
	 else echo "check: typos is not installed: spelling NOT checked (cargo install typos-cli --locked)"; fi

.PHONY: panel-check
ifneq ($(wildcard panel/package.json),)
panel-check: panel/.stamp/modules
	cd panel && npm run check
else
panel-check:
	@echo "panel: no panel/package.json, nothing to check"
endif

.PHONY: clippy
clippy: panel
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings

# Schemas, SDL, OpenAPI, the permission matrix, generated documents: each is compared by a test of this name.
.PHONY: fresh
fresh: build-tests
	@if command -v cargo-nextest >/dev/null; then \
	   set -x; cargo nextest run $(CARGO_FLAGS) --workspace --no-tests pass -E 'test(generated_files_are_fresh)'; \
	 else \
	   set -x; cargo test $(CARGO_FLAGS) --workspace --bins --tests generated_files_are_fresh; \
	 fi

.PHONY: regenerate
regenerate: panel ## write the generated files anew (schemas, SDL, OpenAPI, documents made from code)
	TALON_REGENERATE=1 cargo test $(CARGO_FLAGS) --workspace --bins --tests generated_files_are_fresh

.PHONY: bench
bench: setup panel ## measure, and write docs/operating/benchmarks.md from the output
	cargo build $(CARGO_FLAGS) --release --bins
	ulimit -n "$$(ulimit -Hn)"; scripts/with-postgres.sh $(TARGET)/release/talon bench \
	   --write docs/operating/benchmarks.md $(ARGS)

.PHONY: audit
audit: ## known vulnerabilities of dependencies (wants the network, cargo-deny and npm)
	@failed=0; \
	 if command -v cargo-deny >/dev/null; then cargo deny check advisories || failed=1; \
	 else echo "audit: cargo-deny is not installed (cargo install cargo-deny --locked)"; failed=1; fi; \
	 if [ -f panel/package-lock.json ]; then (cd panel && npm audit --omit=dev) || failed=1; fi; \
	 exit $$failed

.PHONY: sbom
sbom: ## bills of materials (CycloneDX) of server and panel into target/sbom (wants npm and cargo-cyclonedx)
	@mkdir -p $(TARGET)/sbom
	@if command -v cargo-cyclonedx >/dev/null; then set -x; \
	   trap 'rm -f */sbom.json' EXIT; \
	   cargo cyclonedx --manifest-path api/Cargo.toml --format json --override-filename sbom; \
	   mv api/sbom.json $(TARGET)/sbom/talon.cdx.json; \
	 else echo "sbom: cargo-cyclonedx is not installed: bill of the server NOT written (cargo install cargo-cyclonedx --locked)"; fi
	cd panel && npm sbom --sbom-format cyclonedx --omit dev --package-lock-only >$(abspath $(TARGET))/sbom/panel.cdx.json

.PHONY: clean
clean: ## delete everything built
	cargo clean
	rm -rf panel/dist panel/node_modules panel/.stamp api/tests/oidc/node_modules
