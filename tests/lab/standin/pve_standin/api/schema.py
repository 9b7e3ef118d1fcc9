"""Parameter validation against the trimmed API schema, with the error texts of PVE's own validator."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Callable

from pve_standin.core import paths, privileges, release
from pve_standin.core.errors import parameter_error

Definition = Mapping[str, Any]

#: Methods that take what they do not declare.
OPEN = "/cluster/sdn/fabrics/"
UNDECLARED = {"lock-token": {"type": "string", "optional": True}, "digest": {"type": "string", "optional": True}}
_TRUE = ("1", "on", "yes", "true")
_FALSE = ("0", "off", "no", "false")


class Invalid(Exception):
    """A value that does not fit; the message is the reason shown to the caller, details are about its parts."""

    def __init__(self, reason: str, details: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.details = list(details)

    def describe(self, name: str) -> str:
        """The whole reason, with the parameter's name before each detail."""
        return str(self) + "".join(f"{name}.{detail}\n" for detail in self.details)


@lru_cache(maxsize=1)
def api_schema() -> dict[str, dict[str, Definition]]:
    """Path template -> verb -> definition, of all releases."""
    return dict(json.loads((paths.SCHEMA_DIR / "api.json").read_text(encoding="utf-8")))


def served(verb: str, template: str) -> bool:
    """Does this node's release have the method?"""
    definition = api_schema().get(template, {}).get(verb, {})
    return release.current().pve in definition.get("in_pve", [release.current().pve])


def lacking(verb: str, template: str) -> list[str]:
    """Parameters of the method that this node's release does not have yet."""
    definition = api_schema().get(template, {}).get(verb, {})
    names: list[str] = definition.get("lacks", {}).get(release.current().pve, [])
    return names


def definition_of(verb: str, template: str) -> Definition:
    """The schema of one API method; an unknown one is a mistake in the stand-in, so it fails loudly."""
    try:
        definition = {**api_schema()[template][verb], "path": template}
    except KeyError:
        raise LookupError(f"no schema for {verb} {template}: add the path to schema_paths.txt") from None
    if not lacking(verb, template):
        return definition
    known = {name: value for name, value in definition["parameters"].items() if name not in lacking(verb, template)}
    return {**definition, "parameters": known}


def accepted(verb: str, definition: Definition) -> Mapping[str, Definition]:
    """The parameters that a method takes."""
    declared: Mapping[str, Definition] = definition.get("parameters", {})
    return {**UNDECLARED, **declared} if verb == "DELETE" and definition["path"].startswith(OPEN) else declared


def lookup(parameters: Mapping[str, Definition], name: str) -> Definition | None:
    """Definition of a parameter; `link3` is found as the family `link[n]`."""
    if name in parameters:
        return parameters[name]
    matched = re.fullmatch(r"(.*?)(\d+)", name)
    family = parameters.get(f"{matched.group(1)}[n]") if matched else None
    if matched and family is not None and int(matched.group(2)) <= int(family.get("max_index", 999)):
        return family
    return None


def validate(parameters: Mapping[str, Definition], values: Mapping[str, Any]) -> dict[str, Any]:
    """Typed copies of the values, or one ApiError that lists every problem."""
    errors: dict[str, str] = {}
    typed: dict[str, Any] = {}
    for name, value in values.items():
        definition = lookup(parameters, name)
        if definition is None:
            errors[name] = "property is not defined in schema and the schema does not allow additional properties"
            continue
        try:
            typed[name] = convert(definition, value)
        except Invalid as problem:
            errors[name] = problem.describe(name)
    for name, definition in parameters.items():
        optional = definition.get("optional") or "type-property" in definition
        if "[n]" not in name and not optional and name not in values:
            errors[name] = "property is missing and it is not optional"
        needed = definition.get("requires")
        if needed and name in values and needed not in values:
            errors[needed] = f"missing property required by '{name}'"
    if errors:
        raise parameter_error(errors)
    return typed


def convert(definition: Definition, value: Any) -> Any:
    """Check one value and give it its type."""
    kind = definition.get("type", "string")
    if kind == "array":
        items = value if isinstance(value, list) else [value]
        return [convert(definition.get("items", {}), item) for item in items]
    if kind == "boolean":
        return _boolean(value)
    if kind in ("integer", "number"):
        return _number(kind, definition, value)
    if kind == "string":
        return _string(definition, _scalar_text(value))
    return value


def _scalar_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (dict, list)):
        raise Invalid("type check ('string') failed")
    return str(value)


def _boolean(value: Any) -> int:
    text = _scalar_text(value).lower()
    if text in _TRUE:
        return 1
    if text in _FALSE:
        return 0
    raise Invalid(f"type check ('boolean') failed - got '{value}'")


def _number(kind: str, definition: Definition, value: Any) -> Any:
    pattern = r"[+-]?\d+" if kind == "integer" else r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
    text = _scalar_text(value)
    if not re.fullmatch(pattern, text):
        raise Invalid(f"type check ('{kind}') failed - got '{text}'")
    number = int(text) if kind == "integer" else float(text)
    if "minimum" in definition and number < definition["minimum"]:
        raise Invalid(f"value must have a minimum value of {definition['minimum']}")
    if "maximum" in definition and number > definition["maximum"]:
        raise Invalid(f"value must have a maximum value of {definition['maximum']}")
    return number


def _string(definition: Definition, text: str) -> str:
    if "pattern" in definition and not re.fullmatch(definition["pattern"], text):
        raise Invalid("value does not match the regex pattern")
    if "maxLength" in definition and len(text) > definition["maxLength"]:
        raise Invalid(f"value may only be {definition['maxLength']} characters long")
    if "minLength" in definition and len(text) < definition["minLength"]:
        raise Invalid(f"value must be at least {definition['minLength']} characters long")
    check_format(definition, text)
    if "enum" in definition and text not in definition["enum"]:
        raise Invalid(f"value '{text}' does not have a value in the enumeration '{', '.join(definition['enum'])}'")
    return text


def check_format(definition: Definition, text: str) -> None:
    """Check the named format of a string; formats without a rule here are accepted."""
    name = str(definition.get("format", ""))
    if not name:
        return
    if name == "property-string":
        parse_property_string(definition.get("keys", {}), text)
        return
    if name.endswith("-opt"):
        name = name[: -len("-opt")]
        if not text:
            return
    single = name[: -len("-list")] if name.endswith("-list") else name
    rule = _FORMATS.get(single)
    for item in split_list(text) if name.endswith("-list") else [text]:
        reason = rule(item) if rule else ""
        if reason:
            raise Invalid(f"invalid format - {reason}\n")


def split_list(text: str) -> list[str]:
    """PVE's list syntax: items separated by comma, semicolon, NUL or white space."""
    return [item for item in re.split(r"[,;\0\s]+", text.strip()) if item]


def parse_property_string(keys: Mapping[str, Definition], text: str) -> dict[str, Any]:
    """'10.0.0.1,priority=5' -> {'address': '10.0.0.1', 'priority': 5}."""
    default = next((key for key, definition in keys.items() if definition.get("default_key")), None)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for part in (item for item in text.split(",") if item.strip()):
        key, equals, value = part.partition("=")
        if not equals:
            if default is None or default in values:
                raise Invalid("invalid format - value without key, but schema does not define a default key\n")
            key, value = default, part
        named = keys.get(key, {})
        if "keyAlias" in named:
            values[named["keyAlias"]] = key  # 'virtio=<mac>' means model=virtio,macaddr=<mac>
        key = named.get("alias", key)
        if key not in keys:
            problems.append(
                f"{key}: property is not defined in schema and the schema does not allow additional properties"
            )
            continue
        try:
            values[key] = convert(keys[key], value)
        except Invalid as problem:
            problems.append(f"{key}: {problem}")
    for key, definition in keys.items():
        if key not in values and not definition.get("optional") and "alias" not in definition and not problems:
            problems.append(f"{key}: property is missing and it is not optional")
    if problems:
        raise Invalid("invalid format - format error\n", problems)
    return values


def _matches(pattern: str, reason: str) -> Callable[[str], str]:
    return lambda text: "" if re.fullmatch(pattern, text) else reason


def _is_ip(text: str, version: int = 0) -> bool:
    try:
        return version in (0, ipaddress.ip_address(text).version)
    except ValueError:
        return False


def _is_cidr(text: str, version: int = 0) -> bool:
    address, slash, prefix = text.partition("/")
    if not slash or not prefix.isdigit() or not _is_ip(address, version):
        return False
    return 7 < int(prefix) <= ipaddress.ip_address(address).max_prefixlen


_DNS_LABEL = r"[a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?"
_DNS_NAME = rf"{_DNS_LABEL}(\.{_DNS_LABEL})*"


def _address(text: str) -> str:
    if _is_ip(text) or re.fullmatch(_DNS_NAME, text):
        return ""
    return f"value does not look like a valid address: {text}"


_TOKEN_ID = r"[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+"
_PLAIN_NAME = r"[A-Za-z0-9.\-_]+"
_POOL_LEVELS = 3


def _name(kind: str, text: str) -> str:
    return "" if re.fullmatch(_PLAIN_NAME, text) else f"{kind} name '{text}' contains invalid characters"


def _user_id(text: str) -> str:
    known = re.fullmatch(r"[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+", text)
    return "" if known else f"value '{text}' does not look like a valid user name"


def _pool_id(text: str) -> str:
    if not re.fullmatch(rf"{_PLAIN_NAME}(/{_PLAIN_NAME})*", text):
        return f"pool name '{text}' contains invalid characters"
    deep = text.count("/") >= _POOL_LEVELS
    return f"pool name '{text}' nested too deeply (max levels = {_POOL_LEVELS})" if deep else ""


_FORMATS: dict[str, Callable[[str], str]] = {
    "pve-node": _matches(r"[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?", "value does not look like a valid node name"),
    "pve-vmid": _matches(r"[1-9][0-9]{2,8}", "value does not look like a valid VM ID"),
    "pve-configid": _matches(r"[a-zA-Z][a-zA-Z0-9_-]+", "invalid configuration ID"),
    "pve-storage-id": _matches(r"[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]", "storage ID contains illegal characters"),
    "pve-userid": _user_id,
    "pve-realm": _matches(r"[A-Za-z][A-Za-z0-9.\-_]+", "value does not look like a valid realm"),
    "pve-groupid": lambda text: _name("group", text),
    "pve-roleid": lambda text: _name("role", text),
    "pve-poolid": _pool_id,
    "pve-tokenid": _matches(_TOKEN_ID, "value does not look like a valid token ID"),
    "pve-priv": lambda text: "" if text in privileges.valid() else f"invalid privilege '{text}'",
    "ip": lambda text: "" if _is_ip(text) else "value does not look like a valid IP address",
    "ipv4": lambda text: "" if _is_ip(text, 4) else "value does not look like a valid IPv4 address",
    "ipv6": lambda text: "" if _is_ip(text, 6) else "value does not look like a valid IPv6 address",
    "CIDR": lambda text: "" if _is_cidr(text) else "value does not look like a valid CIDR network",
    "CIDRv4": lambda text: "" if _is_cidr(text, 4) else "value does not look like a valid IPv4 network",
    "CIDRv6": lambda text: "" if _is_cidr(text, 6) else "value does not look like a valid IPv6 network",
    "address": _address,
    "dns-name": _matches(_DNS_NAME, "value does not look like a valid DNS name"),
    "email": _matches(r"[^\s@]+@[^\s@]+", "value does not look like a valid email address"),
}
