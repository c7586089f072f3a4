"""Judges the fixtures and the import by the construct itself: check.py PIPEWRIGHT DIRECTORY.

The stacks are synthesised into DIRECTORY. They must be those that the fixtures hold, and the specs that PIPEWRIGHT
makes of them must be valid.
"""

import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"


def run(*command):
    """Runs a command, and shows what it printed only if it fails."""
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}")
    return ran.stdout


def plain(value):
    """A template with the JSON that it holds as text read, so that its layout does not count."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def differences(kept, found, path=""):
    """The paths at which two templates differ, with both values."""
    if isinstance(kept, dict) and isinstance(found, dict):
        for key in sorted(kept.keys() | found.keys()):
            yield from differences(kept.get(key), found.get(key), f"{path}/{key}")
    elif isinstance(kept, list) and isinstance(found, list) and len(kept) == len(found):
        for index, (one, other) in enumerate(zip(kept, found)):
            yield from differences(one, other, f"{path}/{index}")
    elif kept != found:
        yield f"{path}\n  kept:  {kept}\n  found: {found}"


def main():
    """Checks both stacks."""
    binary, out = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    run(sys.executable, "-W", "ignore", HERE / "app.py", out / "cdk")
    failed = False
    for name, stack in [("orders", "OrdersStack"), ("ledger", "LedgerStack")]:
        template = out / "cdk" / f"{stack}.template.json"
        kept = plain(json.loads((FIXTURES / f"{name}.template.json").read_text()))
        for difference in differences(kept, plain(json.loads(template.read_text()))):
            failed = True
            print(f"{name}.template.json differs from what is synthesised at {difference}", file=sys.stderr)
        specs = out / name
        made = FIXTURES / f"{name}.stack-resources.json"
        run(binary, "import", "cloudformation", template, "--physical-ids", made, "--out", specs)
        run(binary, "init", specs)
        # Passwords come from variables, of which a key has to be chosen to notice new ones.
        controller = specs / "controller.yaml"
        keyed = controller.read_text().replace("spec:\n", "spec:\n  rotation: {keyFrom: {env: ROTATION_KEY}}\n", 1)
        controller.write_text(keyed)
        run(binary, "validate", specs, "--deny-warnings")
        if "    tables:\n" not in (specs / f"{name}.yaml").read_text():
            failed = True
            print(f"{name}: its table mappings did not become `tables`", file=sys.stderr)
    if failed:
        sys.exit(1)
    print("cdk-dms-replication 0.3.0: both stacks are those of the fixtures, and their specs are valid")


main()
