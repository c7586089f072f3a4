#!/bin/sh
# Makes the Python environment of the referees under target/, once for every version of the requirements, and prints the
# path of its interpreter.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
venv=${CARGO_TARGET_DIR:-$root/target}/referee-venv
wanted=$(cat "$here/requirements.txt" "$root/crates/testkit/moto/requirements.txt")
if [ "$(cat "$venv/installed.txt" 2>/dev/null)" != "$wanted" ]; then
    mkdir -p "$(dirname "$venv")"
    python3 -m venv --clear "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    printf '%s\n' "$wanted" >"$venv/installed.txt"
fi
echo "$venv/bin/python"
