"""Requests and answers on the wire, held against AWS's own models of its services, as botocore ships them.

botocore checks a request's members, types and lowest lengths before it sends it; enumerations, patterns and highest
lengths it leaves to AWS, and of an answer it skips what it does not know. All of that is a finding here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.parsers import create_parser
from botocore.session import Session
from botocore.validate import ParamValidator

from gems_local.strict.call import nest

_JSON = ("json", "rest-json")
# What requests of every operation carry beside its members.
_PROTOCOL_PARAMETERS = {"Action", "Version"}
_ENVELOPE = {"ResponseMetadata", "requestId", "RequestId"}
# Operations of S3 by method, whether a key is named, and the parameter of the query that tells them apart.
_S3 = {
    ("PUT", True, ""): "PutObject", ("GET", True, ""): "GetObject", ("HEAD", True, ""): "HeadObject",
    ("DELETE", True, ""): "DeleteObject", ("GET", False, "list-type"): "ListObjectsV2", ("HEAD", False, ""): "HeadBucket",
}  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """A request to AWS, and what was answered.

    Attributes:
        target: the path, and the query behind it.
        headers: of the request, with names in lower case.
    """

    service: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes

    @property
    def operation(self) -> OperationModel:
        """The operation of the service's model that it is.

        Raises KeyError and botocore's OperationNotFoundError where it is not one that the models know.
        """
        return service_model(self.service).operation_model(self._operation_name())

    def _operation_name(self) -> str:
        if self.service == "s3":
            path, _, query = self.target.partition("?")
            key = "/" in path.strip("/") or (path.count("/") > 1 and not path.endswith("/"))
            told = "list-type" if "list-type" in dict(parse_qsl(query)) else ""
            return _S3[self.method, key, told]
        if "x-amz-target" in self.headers:
            return self.headers["x-amz-target"].rpartition(".")[2]
        if service_model(self.service).metadata["protocol"] == "rest-json":
            # The last two parts of the path: a target may begin with the server's name.
            path = "/".join(self.target.partition("?")[0].strip("/").split("/")[-2:])
            return _operations_by_path(self.service)[self.method, path]
        return dict(parse_qsl(self.body.decode()))["Action"]


@cache
def service_model(service: str) -> Any:
    return Session().get_service_model(service)


@cache
def _operations_by_path(service: str) -> Mapping[tuple[str, str], str]:
    """Of a service of REST and JSON whose paths name nothing else."""
    operations = (service_model(service).operation_model(name) for name in service_model(service).operation_names)
    return {(one.http["method"], one.http["requestUri"].strip("/")): one.name for one in operations}


def findings(exchange: Exchange) -> Iterator[str]:
    """What in an exchange the model of its operation does not have."""
    operation = exchange.operation
    for found in (*_of_request(exchange, operation), *_of_answer(exchange, operation)):
        yield f"{exchange.service} {operation.name} {found}"


def _of_request(exchange: Exchange, operation: OperationModel) -> Iterator[str]:
    protocol = operation.metadata["protocol"]
    if protocol == "rest-xml":
        yield from _of_s3_request(exchange, operation)
        return
    if protocol in _JSON:
        parameters = json.loads(exchange.body or b"{}")
    else:
        flat = dict(parse_qsl(exchange.body.decode(), keep_blank_values=True))
        tree = nest({name: value for name, value in flat.items() if name not in _PROTOCOL_PARAMETERS})
        parameters = _Query(protocol).value(tree, operation.input_shape, "")
    yield from parameter_findings(operation, parameters)


def parameter_findings(operation: OperationModel, parameters: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an operation's parameters, as a caller of boto3 gives them or as they came over the wire."""
    shape = operation.input_shape
    if shape is None:
        return
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        yield f"request: {report.generate_report()}"
    yield from (f"request{found}" for found in _value_findings(parameters, shape, ""))


@dataclass(frozen=True)
class _Query:
    """Reads parameters of the query protocol, or of EC2's, into what a caller gave; names that are not member's stay."""

    protocol: str

    def value(self, given: Any, shape: Shape, path: str) -> Any:
        if isinstance(shape, StructureShape):
            members = {self._name(name, member): (name, member) for name, member in shape.members.items()}
            return {
                members[key][0] if key in members else key: self.value(item, members[key][1], f"{path}.{key}")
                if key in members
                else item
                for key, item in given.items()
            }
        if isinstance(shape, ListShape):
            items = given if self.protocol == "ec2" or isinstance(given, list) else given["member"]
            return [self.value(item, shape.member, f"{path}[]") for item in items]
        return _typed(given, shape)

    def _name(self, name: str, member: Shape) -> str:
        if self.protocol != "ec2":
            return str(member.serialization.get("name", name))
        told = member.serialization.get("queryName") or member.serialization.get("name", name)
        return str(told[0].upper() + told[1:])


def _typed(text: str, shape: Shape) -> Any:
    match shape.type_name:
        case "integer" | "long" if re.fullmatch(r"-?\d+", text):
            return int(text)
        case "float" | "double":
            return float(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
        case "blob":
            return base64.b64decode(text, validate=True)
    return text


def _of_s3_request(exchange: Exchange, operation: OperationModel) -> Iterator[str]:
    shape = operation.input_shape
    assert isinstance(shape, StructureShape)
    _, _, query = exchange.target.partition("?")
    by_place: dict[tuple[str, str], Shape] = {
        (str(member.serialization.get("location")), str(member.serialization.get("name", name)).lower()): member
        for name, member in shape.members.items()
    }
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key == "list-type" or key.startswith("X-Amz-"):  # the operation's own, and a signature's
            continue
        member = by_place.get(("querystring", key.lower()))
        if member is None:
            yield f"request: {key} of the query is no parameter"
        else:
            yield from (f"request.{key}{found}" for found in _value_findings(_typed(value, member), member, ""))
    for key, value in exchange.headers.items():
        member = by_place.get(("header", key))
        if member is not None:
            yield from (
                f"request.{key}{found}" for found in _value_findings(_typed(unquote(value), member), member, "")
            )
        elif key.startswith("x-amz-") and key not in _OF_SIGNATURES:
            yield f"request: the header {key} is no parameter"


_OF_SIGNATURES = {"x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-trailer", "x-amz-decoded-content-length"}  # fmt: skip


def _value_findings(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """Values that an enumeration, a pattern or a highest length does not have."""
    match shape:
        case StructureShape() if isinstance(value, Mapping):
            for name, item in value.items():
                if name in shape.members:
                    yield from _value_findings(item, shape.members[name], f"{path}.{name}")
        case ListShape() if isinstance(value, Sequence):
            for item in value:
                yield from _value_findings(item, shape.member, f"{path}[]")
        case MapShape() if isinstance(value, Mapping):
            for item in value.values():
                yield from _value_findings(item, shape.value, f"{path}{{}}")
        case _:
            yield from _scalar_findings(value, shape, path)
            return
    most = shape.metadata.get("max")
    if most is not None and len(value) > most:
        yield f"{path}: at most {most} of them, found {len(value)}"


def _scalar_findings(value: Any, shape: Shape, path: str) -> Iterator[str]:
    enumeration, pattern, most = getattr(shape, "enum", None), shape.metadata.get("pattern"), shape.metadata.get("max")
    if enumeration and value not in enumeration:
        yield f"{path}: {value!r} is none of its {len(enumeration)} values"
    if pattern and isinstance(value, str) and not _matches(pattern, value):
        yield f"{path}: {value!r} is not of the form {pattern}"
    size = len(value) if isinstance(value, str | bytes) else value
    if most is not None and isinstance(size, int | float) and size > most:
        yield f"{path}: at most {most}, found {size}"


# Classes of letters that Java's patterns have and Python's have not.
_JAVA = {r"\p{L}": "a-zA-Z", r"\p{N}": "0-9", r"\p{Z}": " ", r"\p{M}": "", r"\p{S}": "+=<>|~^", r"\p{P}": "!-/:-@"}


def _matches(pattern: str, value: str) -> bool:
    for java, python in _JAVA.items():
        pattern = pattern.replace(java, python)
    return re.fullmatch(pattern, value) is not None


def _of_answer(exchange: Exchange, operation: OperationModel) -> Iterator[str]:
    shape, failed = operation.output_shape, exchange.status >= 300
    # What an object holds is nobody's model.
    body = b"" if operation.has_streaming_output and not failed else exchange.answer
    parsed = create_parser(operation.metadata["protocol"]).parse(
        {"status_code": exchange.status, "headers": exchange.answer_headers, "body": body}, shape
    )
    if failed:
        if not parsed.get("Error", {}).get("Code"):
            yield f"answer: {exchange.status} without a code"
        return
    if shape is None:
        return
    yield from (f"answer{found}" for found in _value_findings(parsed, shape, ""))
    if body and operation.metadata["protocol"] in _JSON:
        yield from (f"answer{found}" for found in _json_findings(json.loads(body), shape, ""))
    elif body:
        yield from (f"answer{found}" for found in _xml_findings(_result(body, shape), shape, ""))


def _json_findings(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, item in value.items():
            if name in shape.members:
                yield from _json_findings(item, shape.members[name], f"{path}.{name}")
            else:
                yield f"{path}: no member {name}"
    elif isinstance(shape, ListShape):
        for item in value:
            yield from _json_findings(item, shape.member, f"{path}[]")


def _result(document: bytes, shape: Shape) -> Element:
    """The element that holds the members."""
    root = ElementTree.fromstring(document)
    wrapper = shape.serialization.get("resultWrapper")
    inner = next((child for child in root if _tag(child) == wrapper), None) if wrapper else None
    return root if inner is None else inner


def _xml_findings(element: Element, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        members = {str(member.serialization.get("name", name)): member for name, member in shape.members.items()}
        flat = {
            str(member.member.serialization.get("name", name)): member
            for name, member in members.items()
            if isinstance(member, ListShape) and member.serialization.get("flattened")
        }
        for child in element:
            tag = _tag(child)
            if tag in flat or (tag in members and members[tag].serialization.get("flattened")):
                yield from _xml_findings(child, (flat.get(tag) or members[tag]).member, f"{path}.{tag}")
            elif tag in members:
                yield from _xml_findings(child, members[tag], f"{path}.{tag}")
            elif not (path == "" and tag in _ENVELOPE):
                yield f"{path}: no element {tag}"
    elif isinstance(shape, ListShape):
        wanted = shape.member.serialization.get("name", "member")
        for child in element:
            if _tag(child) != wanted:
                yield f"{path}: no element {_tag(child)}"
            else:
                yield from _xml_findings(child, shape.member, f"{path}[]")


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
