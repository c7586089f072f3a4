#!/bin/sh
# Synthesises the fixtures anew with the construct itself, and imports what comes out.
#
#     run.sh PIPEWRIGHT
#
# PIPEWRIGHT is the binary. The construct runs in Node; without Node, nothing is tried, and the last line says so.
set -eu
if [ $# -ne 1 ]; then
    echo "usage: run.sh PIPEWRIGHT" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
if ! node --version >/dev/null 2>&1; then
    echo "SKIPPED: there is no Node here, so that cdk-dms-replication was not synthesised; install nodejs to run this" >&2
    exit 0
fi
target=${CARGO_TARGET_DIR:-$root/target}
venv=$target/synth-venv
if [ "$(cat "$venv/installed.txt" 2>/dev/null)" != "$(cat "$here/requirements.txt")" ]; then
    mkdir -p "$target"
    python3 -m venv --clear "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$venv/installed.txt"
fi
export PYTHONDONTWRITEBYTECODE=1 JSII_RUNTIME_PACKAGE_CACHE_ROOT="$target/synth-cache"
exec "$venv/bin/python" "$here/check.py" "$1" "$target/synth"
