"""Reads YAML as editors do (YAML 1.2, core schema), and judges documents by a JSON Schema.

From standard input, one JSON object: `{"read": {NAME: TEXT}}` prints the documents in each text; `{"schema": SCHEMA,
"judge": [{"document": …, "part": POINTER, "partial": BOOL}]}` checks the schema by its metaschema, and prints for each
document what is wrong with it by that part of the schema, or null. Of a partial document, what is missing at its top
and in empty mappings is not wrong.
"""

import json
import re
import sys

import yaml
from jsonschema import Draft202012Validator


MISSING = ("required", "oneOf", "anyOf", "allOf")


class Core(yaml.SafeLoader):
    """YAML 1.2: only `true` and `false` are booleans, and times are text."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
]:
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def read(texts):
    return {name: list(yaml.load_all(text, Core)) for name, text in texts.items()}


def judge(schema, cases):
    Draft202012Validator.check_schema(schema)
    parts = {}
    for case in cases:
        part = case["part"]
        if part not in parts:
            whole = {"$defs": schema["$defs"], "oneOf": schema["oneOf"]} if part == "#" else {
                "$defs": schema["$defs"], "documents": schema["oneOf"], "$ref": part
            }
            parts[part] = Draft202012Validator(whole)
        errors = parts[part].iter_errors(case["document"])
        if case["partial"]:
            errors = (e for e in errors if e.path and e.instance != {} or e.validator not in MISSING)
        found = next(errors, None)
        yield None if found is None else f"{found.json_path}: {found.message[:300]}"


def main():
    asked = json.load(sys.stdin)
    answer = read(asked["read"]) if "read" in asked else list(judge(asked["schema"], asked["judge"]))
    json.dump(answer, sys.stdout)


main()
