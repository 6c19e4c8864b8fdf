#!/usr/bin/env bash
# What m2mock costs the crate that tests with it, beside wiremock: crates to build, and time of a cold
# `cargo test --no-run`. Two throwaway crates that differ in their only dev-dependency; target directories of their
# own, built in turn.
#
#     benches/build.sh [ROUNDS]      (3 when not given; 0 only counts the crates)
set -euo pipefail

rounds=${1:-3}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CARGO_TARGET_DIR

wiremock=$(sed -n '/^name = "wiremock"$/{n;s/^version = "\(.*\)"$/\1/p;}' "$root/Cargo.lock")

# Name, dev-dependency, what the test names.
downstream() {
    mkdir -p "$work/$1/src" "$work/$1/tests"
    cat >"$work/$1/Cargo.toml" <<TOML
[package]
name = "downstream"
version = "0.0.0"
edition = "2024"

[dev-dependencies]
$2

[workspace]
TOML
    : >"$work/$1/src/lib.rs"
    printf '#[test]\nfn uses_it() {\n    let _ = %s;\n}\n' "$3" >"$work/$1/tests/uses.rs"
    # The same versions on both sides, those that this project is tested with.
    cp "$root/Cargo.lock" "$work/$1/Cargo.lock"
    (cd "$work/$1" && { cargo fetch --quiet --offline 2>/dev/null || cargo fetch --quiet; })
}
downstream m2mock "m2mock = { path = \"$root\" }" "m2mock::MockTenant::start"
downstream wiremock "wiremock = \"=$wiremock\"" "wiremock::MockServer::start"

# Crates that are built besides the downstream one, each version once.
crates() {
    cd "$work/$1" && cargo tree --offline --edges normal,build,dev --prefix none --no-dedupe --format '{p}' |
        sed 's/ (.*//' | sort -u | grep -vc '^downstream '
}

# Milliseconds of one cold build.
cold_build() {
    rm -rf "$work/$1/target"
    local before after
    before=$(date +%s%N)
    (cd "$work/$1" && cargo test --no-run --offline --quiet)
    after=$(date +%s%N)
    echo $(((after - before) / 1000000))
}

median() { sort -n | awk '{ value[NR] = $1 } END { print NR ? value[int((NR + 1) / 2)] : "-" }'; }

for ((round = 0; round < rounds; round++)); do
    for which in m2mock wiremock; do
        cold_build "$which" >>"$work/$which.times"
    done
done
touch "$work/m2mock.times" "$work/wiremock.times"

cat <<TABLE

## A downstream crate's cold \`cargo test --no-run\` ($rounds rounds)

| dev-dependency | crates | median, ms |
|---|---|---|
| m2mock (default features) | $(crates m2mock) | $(median <"$work/m2mock.times") |
| wiremock $wiremock | $(crates wiremock) | $(median <"$work/wiremock.times") |
TABLE
