"""Eventual consistency: EC2's reads show new instances and changed tags late, and forget terminated instances."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from xml.etree.ElementTree import Element

from gems_local.strict import moto_state
from gems_local.strict.call import Answer, Call, Next, refusal, xml
from gems_local.strict.documents import add, as_bytes, items, parse, text_of
from gems_local.strict.settings import Strictness

Clock = Callable[[], float]
_TOUCHING = frozenset({"CreateTags", "DeleteTags", "TerminateInstances"})
_READING = frozenset({"DescribeInstances", "DescribeTags", "DescribeInstanceStatus"})


@dataclass(frozen=True)
class _Change:
    """Tags as they were (None: absent) before a change that reads do not show yet."""

    until: float
    before: Mapping[str, str | None]


class Visibility:
    """What EC2's reads show at a moment.

    Args:
        strictness: the delays.
        clock: tells seconds.
    """

    def __init__(self, strictness: Strictness, clock: Clock) -> None:
        self._strictness = strictness
        self._clock = clock
        self._launched: dict[str, float] = {}
        self._terminated: dict[str, float] = {}
        self._changes: dict[str, list[_Change]] = {}
        self._lock = threading.Lock()

    def launched(self, instance_ids: Iterable[str]) -> None:
        """Note a launch."""
        with self._lock:
            self._launched |= dict.fromkeys(instance_ids, self._clock())

    def terminated(self, instance_ids: Iterable[str]) -> None:
        """Note an end; the first one of an instance counts."""
        with self._lock:
            self._terminated = dict.fromkeys(instance_ids, self._clock()) | self._terminated

    def retagged(self, instance_id: str, before: Mapping[str, str | None]) -> None:
        """Note what the tags that were changed said before."""
        until = self._clock() + self._strictness.tags_after_seconds
        with self._lock:
            self._changes.setdefault(instance_id, []).append(_Change(until, before))

    def shows(self, instance_id: str) -> bool:
        """Whether reads show an instance."""
        now = self._clock()
        launched = self._launched.get(instance_id)
        young = launched is not None and now < launched + self._strictness.visible_after_seconds
        ended = self._terminated.get(instance_id)
        return not young and (ended is None or now < ended + self._strictness.terminated_visible_seconds)

    def shows_tags(self, instance_id: str) -> bool:
        """Whether reads show the tags that an instance was launched with."""
        delay = self._strictness.visible_after_seconds + self._strictness.tags_after_seconds
        launched = self._launched.get(instance_id)
        return launched is None or self._clock() >= launched + delay

    def stale_tags(self, instance_id: str) -> dict[str, str | None]:
        """The tags whose old values are still shown."""
        now = self._clock()
        with self._lock:
            pending = [change for change in self._changes.get(instance_id, ()) if change.until > now]
            self._changes[instance_id] = pending
        return {key: value for change in reversed(pending) for key, value in change.before.items()}

    @property
    def differs(self) -> bool:
        """Whether anything could be shown otherwise than it is."""
        delayed = self._strictness.visible_after_seconds or self._strictness.tags_after_seconds
        horizon = self._clock() - self._strictness.terminated_visible_seconds
        return bool(delayed) or any(ended <= horizon for ended in list(self._terminated.values()))


class Consistency:
    """The rule."""

    def __init__(self, visibility: Visibility) -> None:
        self._visibility = visibility

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Show what EC2 would show now."""
        if call.service != "ec2" or call.action not in _TOUCHING | _READING:
            return proceed(call)
        named = [*call.nested.get("InstanceId", []), *call.nested.get("ResourceId", [])]
        unknown = [one for one in named if one.startswith("i-") and not self._visibility.shows(one)]
        if unknown:
            ids = ", ".join(unknown)
            return refusal("InvalidInstanceID.NotFound", f"The instance IDs '{ids}' do not exist")
        before = _tags_before(call, named)
        answer = proceed(call)
        if answer.succeeded:
            self._note(call, named, before)
            if call.action in _READING and self._visibility.differs:
                return self._as_shown(call, answer)
        return answer

    def _note(self, call: Call, named: list[str], before: Mapping[str, Mapping[str, str | None]]) -> None:
        if call.action == "TerminateInstances":
            self._visibility.terminated(named)
        for instance_id, tags in before.items():
            self._visibility.retagged(instance_id, tags)

    def _as_shown(self, call: Call, answer: Answer) -> Answer:
        tree = parse(answer.body)
        by_tag = any(name.startswith("Filter.") and value.startswith("tag") for name, value in call.parameters.items())
        if call.action == "DescribeInstances":
            for reservation in items(tree, "reservationSet"):
                self._thin_out(items(reservation, "instancesSet"), "instanceId", by_tag=by_tag)
            _drop_empty(items(tree, "reservationSet"))
        elif call.action == "DescribeTags":
            self._thin_out(items(tree, "tagSet"), "resourceId", by_tag=True)
        else:
            self._thin_out(items(tree, "instanceStatusSet"), "instanceId", by_tag=False)
        return xml(HTTPStatus.OK, as_bytes(tree))

    def _thin_out(self, listed: Element, key: str, *, by_tag: bool) -> None:
        for item in list(listed):
            instance_id = text_of(item, key)
            tagged = self._visibility.shows_tags(instance_id)
            if not self._visibility.shows(instance_id) or (by_tag and not tagged):
                listed.remove(item)
            elif key == "instanceId":
                _show_tags(item, self._visibility.stale_tags(instance_id), hidden=not tagged)


def _tags_before(call: Call, named: list[str]) -> dict[str, dict[str, str | None]]:
    if call.action != "CreateTags":
        return {}
    keys = [tag["Key"] for tag in call.nested.get("Tag", [])]
    held = {one: moto_state.tags_of(call.region, one) for one in named if one.startswith("i-")}
    return {one: {key: tags.get(key) for key in keys} for one, tags in held.items()}


def _show_tags(instance: Element, stale: Mapping[str, str | None], *, hidden: bool) -> None:
    tags = items(instance, "tagSet")
    if hidden:
        tags.clear()
    if hidden or not stale:
        return
    for item in list(tags):
        if text_of(item, "key") in stale:
            tags.remove(item)
    for key, value in stale.items():
        if value is not None:
            item = add(tags, "item")
            add(item, "key", key)
            add(item, "value", value)


def _drop_empty(reservations: Element) -> None:
    for reservation in list(reservations):
        if not len(items(reservation, "instancesSet")):
            reservations.remove(reservation)
