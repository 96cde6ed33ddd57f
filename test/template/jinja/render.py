"""Renders templates by Jinja2: a JSON list of [template, values] in, a JSON list of {"text"} or {"error"} out.

Values print as they do in antiphon, so that what is compared is how templates are read and what their operations do.
"""

import json
import sys

from jinja2 import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment


def written(value):
    if isinstance(value, Undefined):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (list, tuple, dict, set)):
        return json.dumps(plain(value), separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, (str, int, float)):
        return value
    try:
        return json.dumps(plain(list(value)), separators=(",", ":"), ensure_ascii=False)
    except TypeError:
        return str(value)


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


environment = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    finalize=written,
)


def outcome(template, values):
    try:
        return {"text": environment.from_string(template).render(values)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:200]}


json.dump([outcome(template, values) for template, values in json.load(sys.stdin)], sys.stdout)
