#!/usr/bin/env bash
# Replays recorded answers of the live service against this build and holds the result to tests/replay-ratchet.tsv.
#
#     tests/replay.sh [BINARY]       (built when not given)
#
# The recordings and the replayer are not part of the project: they are looked for in ../shared, or where
# M2MOCK_SHARED says. Fails when a family answers less like the live service than the ratchet says.
set -euo pipefail

cd "$(dirname "$0")/.."
shared=${M2MOCK_SHARED:-../shared}
families=$(grep -v -e '^#' -e '^overall' tests/replay-ratchet.tsv | cut -f 1 | paste -s -d ,)

binary=${1:-}
if [ -z "$binary" ]; then
    cargo build --quiet --features cli
    binary=${CARGO_TARGET_DIR:-target}/debug/m2mock
fi

work=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

"$binary" serve --port 0 --ready-file "$work/ready.json" >"$work/printed" 2>"$work/log" &
server=$!
for _ in $(seq 200); do
    [ -s "$work/ready.json" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; echo "m2mock serve ended before it was ready" >&2; exit 1; }
    sleep 0.05
done

ready() { python3 -c 'import functools, json, sys; print(functools.reduce(dict.get, sys.argv[2:], json.load(open(sys.argv[1]))))' "$work/ready.json" "$@"; }
python3 "$shared/tools/replay/replay.py" --only "$families" --json "$work/outcome.json" \
    --base-url "$(ready base_url)" --audience "$(ready management audience)" \
    --client-id="$(ready management client_id)" --client-secret="$(ready management client_secret)" \
    "$shared/corpus/terraform"

python3 - "$work/outcome.json" tests/replay-ratchet.tsv <<'PYTHON'
import json, sys

def percent(counts):
    scored = counts["exact"] + counts["close"] + counts["wrong"]
    return 100 * counts["exact"] / scored if scored else 100

outcome, ratchet = sys.argv[1:]
families = json.load(open(outcome))["families"]
fell = False
print()
for line in open(ratchet):
    if line.startswith("#") or not line.strip():
        continue
    family, least = line.rstrip("\n").split("\t")
    reached, least = percent(families[family]), float(least)
    if reached < least - 0.05:
        fell = True
        print(f"{family}: {reached:.2f} % exact, but {least:.2f} % was reached before")
    elif reached > least + 0.05:
        print(f"{family}: {reached:.2f} % exact, more than the {least:.2f} % of {ratchet}: raise it")
print("replay: lower than the ratchet" if fell else "replay: as exact as the ratchet asks")
sys.exit(fell)
PYTHON
