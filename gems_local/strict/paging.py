"""DescribeInstances in pages of instances, where moto pages by reservations."""

from __future__ import annotations

import copy
import secrets
import threading
from collections import OrderedDict
from http import HTTPStatus
from itertools import groupby
from xml.etree.ElementTree import Element

from gems_local.strict.call import Answer, Call, Next, refusal, xml
from gems_local.strict.documents import add, as_bytes, items, name, parse, text_of

# EC2 API reference, DescribeInstances.
SMALLEST_PAGE, LARGEST_PAGE = 5, 1000
_KEPT_LISTINGS = 100
_EVERYTHING = "1000000"

_Row = tuple[Element, Element]  # an instance, after its reservation


class Paging:
    """The rule. The pages of one listing are cut from one answer, as it was at its first page."""

    def __init__(self) -> None:
        self._rest: OrderedDict[str, list[_Row]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Answer with a page, or pass on what is not paged."""
        if (call.service, call.action) != ("ec2", "DescribeInstances"):
            return proceed(call)
        asked, token = call.parameters.get("MaxResults"), call.parameters.get("NextToken")
        if asked is None and token is None:
            return proceed(_of_everything(call))
        if "InstanceId" in call.nested:
            message = "The parameter instancesSet cannot be used with the parameter maxResults"
            return refusal("InvalidParameterCombination", message)
        if asked is not None and not SMALLEST_PAGE <= int(asked) <= LARGEST_PAGE:
            message = f"Expected maxResults between {SMALLEST_PAGE} and {LARGEST_PAGE}; found {asked}"
            return refusal("InvalidParameterValue", message)
        return self._page(call, proceed, int(asked or LARGEST_PAGE), token)

    def _page(self, call: Call, proceed: Next, size: int, token: str | None) -> Answer:
        if token is None:
            answer = proceed(_of_everything(call))
            if not answer.succeeded:
                return answer
            rows = _rows(parse(answer.body))
        else:
            with self._lock:
                found = self._rest.get(token)
            if found is None:
                return refusal("InvalidParameterValue", "Invalid value for nextToken.")
            rows = found
        return xml(HTTPStatus.OK, as_bytes(_document(rows[:size], self._keep(rows[size:]))))

    def _keep(self, rows: list[_Row]) -> str | None:
        if not rows:
            return None
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._rest[token] = rows
            if len(self._rest) > _KEPT_LISTINGS:
                self._rest.popitem(last=False)
        return token


def _of_everything(call: Call) -> Call:
    # With ids moto refuses a page size; without one it gives a hundred reservations.
    return call if "InstanceId" in call.nested else call.with_parameters({"MaxResults": _EVERYTHING, "NextToken": None})


def _rows(tree: Element) -> list[_Row]:
    return [
        (reservation, instance)
        for reservation in items(tree, "reservationSet")
        for instance in items(reservation, "instancesSet")
    ]


def _document(rows: list[_Row], token: str | None) -> Element:
    tree = Element(name("DescribeInstancesResponse"))
    add(tree, "requestId", "strict")
    reservations = add(tree, "reservationSet")
    for _, group in groupby(rows, key=lambda row: text_of(row[0], "reservationId")):
        members = list(group)
        reservations.append(_with_instances(members[0][0], [instance for _, instance in members]))
    if token is not None:
        add(tree, "nextToken", token)
    return tree


def _with_instances(reservation: Element, instances: list[Element]) -> Element:
    part = Element(reservation.tag)
    part.extend(copy.copy(child) for child in reservation if child.tag != name("instancesSet"))
    add(part, "instancesSet").extend(instances)
    return part
