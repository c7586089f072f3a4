#!/bin/sh
# Lints what deploys: the CloudFormation template with cfn-lint, the workflows and the action with zizmor. Makes their Python
# environment under target/, once for every version of the requirements.
set -eu
cd "$(dirname "$0")/../.."
venv=${CARGO_TARGET_DIR:-target}/lint-venv
wanted=$(cat deploy/lint/requirements.txt)
if [ "$(cat "$venv/installed.txt" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv --clear "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r deploy/lint/requirements.txt >&2
    printf '%s\n' "$wanted" >"$venv/installed.txt"
fi
"$venv/bin/cfn-lint" deploy/ecs/*.yaml
# zizmor also refuses what is no workflow.
exec "$venv/bin/zizmor" --offline --quiet .github/workflows/*.yml deploy/ci/github/*.yml
