"""The tests that docs/sandbox.md names as proof of a rule exist."""
import re

from conftest import HERE, ROOT


def test_every_rule_is_backed_by_a_test_that_exists():
    document = (ROOT / "docs/sandbox.md").read_text()
    rules = document.partition("<!-- begin rules -->")[2].partition("<!-- end rules -->")[0]
    sources = [*HERE.glob("*.py"), *(ROOT / "crates/emulator").rglob("*.rs")]
    defined = set()
    for source in sources:
        defined.update(re.findall(r"^\s*(?:async )?(?:fn|def) (\w+)", source.read_text(), re.MULTILINE))
    rows = [row.split("|") for row in rules.splitlines() if row.startswith("| ") and "| shown by |" not in row]
    assert len(rows) > 20
    for row in rows:
        tests = re.findall(r"`(?:[\w./]+::)?(\w+)`", row[2])
        assert tests, f"no test backs: {row[1]}"
        assert set(tests) <= defined, f"{set(tests) - defined} do not exist"
