# Two commands matter: `make demo` and `make test`. `make help` lists the rest.

CARGO ?= cargo
ARGS ?=

.PHONY: help duckdb build demo test lint format docs bench clean

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

duckdb: ## Fetch DuckDB's library into .duckdb (once)
	@scripts/fetch-duckdb

build: duckdb ## Build the binary: release/cairn under the target directory
	$(CARGO) build --release --locked --bin cairn

demo: build ## Make a synthetic organisation, print its figures, serve its overview page (ARGS="--no-serve")
	$(CARGO) run --release --locked --quiet --bin cairn -- demo $(ARGS)

test: duckdb ## Run all tests
	$(CARGO) test --release --locked --test it $(if $(ARGS),-- $(ARGS))

lint: duckdb ## Check format, warnings as errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

format: ## Format the code
	$(CARGO) fmt --all

docs: duckdb ## Build the API documentation of the code, warnings as errors
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --workspace --no-deps

bench: build ## Measure this machine against the limits (ARGS="--scale m")
	$(CARGO) run --release --locked --quiet --bin cairn -- bench $(ARGS)

clean: ## Remove what was built
	$(CARGO) clean
	rm -rf .duckdb
