#!/bin/sh
# Lets boto3, botocore's waiters and paginators, and moto judge the emulator.
#
#     run.sh COMMAND [PYTEST ARGUMENTS…]
#
# COMMAND serves the emulator on a free port and prints its URL on the first line, `target/debug/examples/serve` for one.
# It is not built here. Further words of COMMAND are its arguments: run.sh "target/debug/pipewright sandbox".
set -eu
if [ $# -lt 1 ]; then
    echo "usage: run.sh COMMAND [PYTEST ARGUMENTS…]" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
EMULATOR_COMMAND=$1
export EMULATOR_COMMAND
shift
python=$("$here/venv.sh")
# Without these, boto3 might read the user's own profile or ask the metadata service.
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export PYTHONDONTWRITEBYTECODE=1
exec "$python" -m pytest -p no:cacheprovider --rootdir "$here" "$here" "$@"
