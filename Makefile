# What there is to do here. `make` lists it.

.DEFAULT_GOAL := help
.PHONY: help demo test tools lint docs reference coverage pictures overhead bench bench-vault bench-checks bench-history

help: ## list what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## watch the whole life of a preview, on this machine, without an account or a cluster
	cargo run --locked -- demo

test: tools ## run all tests; fetches the real parts that they need when they are missing
	cargo fetch --quiet --locked # a test looks at what is linked on every platform
	tests/parts/in-memory cargo test --locked

tools: ## fetch the pinned real parts of the tests into target/tools
	tests/parts/fetch

lint: ## check the formatting, and what clippy says
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings

docs: ## build the library's documentation
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --locked

reference: tools ## write docs/reference from where things are defined
	BIVOUAC_WRITE_REFERENCE=1 cargo test --quiet --locked --test suite reference

coverage: ## show what the domain's own tests run of it, by file; fails below the floor (GAPS=1 lists the rest)
	tests/coverage/measure $(if $(GAPS),--gaps)

pictures: tools ## take pictures of the comments, as GitHub shows them, and of the pages into docs/pictures; needs chromium
	tests/pictures/install
	rm -rf target/comments target/pages
	BIVOUAC_WRITE_COMMENTS=target/comments cargo test --quiet --locked --test suite pictures
	BIVOUAC_WRITE_PAGES=target/pages cargo test --quiet --locked --test suite page::made
	target/pictures/venv/bin/python tests/pictures/render target/comments docs/pictures --strict
	target/pictures/venv/bin/python tests/pictures/render target/pages docs/pictures --strict

overhead: tools ## measure how much longer an action takes than a `run:` step with the same command
	cargo build --release --locked
	tests/overhead/measure

# In memory where there is such a folder, so that no slow disk counts against who writes the most files.
BENCH_FOLDER ?= $(firstword $(wildcard /dev/shm) /tmp)

bench: ## measure what a commit costs against a usual pipeline and git's plumbing, and write docs/benchmarks.md
	cargo build --release --locked
	mkdir -p target/bench
	cargo bench --locked --bench core > target/bench/core.txt
	cargo bench --locked --bench core -- instructions > target/bench/instructions.txt
	folder=$$(mktemp -d "$(BENCH_FOLDER)/bivouac-bench-XXXXXX"); \
	trap 'rm -rf "$$folder"' EXIT; trap 'exit 130' INT TERM; \
	TMPDIR=$$folder cargo bench --locked --bench commits

bench-vault: tools ## measure what a look at a Vault costs against OpenBao's command line, and write docs/benchmarks/vault.md
	cargo bench --locked --bench vault

bench-checks: tools ## measure what checks cost, alone and before a commit, and write docs/benchmarks/checks.md
	cargo build --release --locked
	folder=$$(mktemp -d "$(BENCH_FOLDER)/bivouac-bench-XXXXXX"); \
	trap 'rm -rf "$$folder"' EXIT; trap 'exit 130' INT TERM; \
	TMPDIR=$$folder cargo bench --locked --bench checks

bench-history: ## measure what the history of many commits costs against a clone and a script, and write docs/benchmarks/history.md
	folder=$$(mktemp -d "$(BENCH_FOLDER)/bivouac-bench-XXXXXX"); \
	trap 'rm -rf "$$folder"' EXIT; trap 'exit 130' INT TERM; \
	TMPDIR=$$folder cargo bench --locked --bench history
