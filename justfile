# Each check of .ci/run by itself, and what contributors run often. `just` lists them.

[private]
default:
    @just --list --unsorted

# Everything that .ci/run checks
all:
    .ci/run

# One or more steps of .ci/run, e.g. `just ci fmt clippy`
ci +STEPS:
    .ci/run {{STEPS}}

# Formatting
fmt:
    .ci/run fmt

# Lints, warnings denied
clippy:
    .ci/run clippy

# Documentation of the library
doc:
    .ci/run doc

# Licenses, sources and banned crates
deny:
    .ci/run deny

# All tests, or those whose names contain FILTER
test *FILTER:
    cargo test --locked {{FILTER}}

# Arbitrary input to the reader
fuzz:
    .ci/run fuzz

# The page in a browser
browser:
    .ci/run browser

# Every recipe of docs/recipes.md
recipes:
    .ci/run recipes

# An AI assistant's client against imr mcp
mcp:
    .ci/run mcp

# The sources compile for Windows and macOS
cross:
    .ci/run cross

# Measures on real letters, where there are any
gates:
    .ci/run gates

# Accept how the sample letters are read now; read the diff afterward
bless:
    IMR_BLESS=1 cargo test --locked goldens
    README_BLESS=1 cargo test --locked readme
    git diff --stat

# Record the answers to tests/answers/requests.jsonl over a folder of letters
record CORPUS OUT:
    cargo build --release --locked
    python3 tests/answers/answers.py record target/release/imr {{CORPUS}} {{OUT}}

# Compare two recordings of answers
compare BEFORE AFTER:
    python3 tests/answers/answers.py compare {{BEFORE}} {{AFTER}}
