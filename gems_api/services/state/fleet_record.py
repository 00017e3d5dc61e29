"""Keeping what ``state.json`` says of a job's instances in line with EC2: which there are, and when each ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from gems_api.services.fleet_ports import Host, Instance
from gems_api.services.state.records import JobState, LaunchedInstance
from gems_core import tags
from gems_core.digits import is_digits


def place_of(state: JobState, instance_id: str) -> int | None:
    """An instance's place among all that the job ever had: its index. None: nobody has entered it yet."""
    return next((place for place, item in enumerate(state.instances) if item.instance_id == instance_id), None)


def all_ended(state: JobState, run: int, now: datetime) -> JobState:
    """The state after every instance of the runs up to this one was told to terminate."""
    ended = tuple(
        replace(item, ended_at=now) if item.ended_at is None and item.run <= run else item for item in state.instances
    )
    return replace(state, instances=ended)


NO_HOSTS: Mapping[str, Host] = {}


def unplaced(state: JobState, listed: Mapping[str, Instance]) -> list[str]:
    """The instances that have begun to run, and of which it is not noted on what."""
    return [
        item.instance_id
        for item in state.instances
        if not item.market and item.instance_id in listed and not listed[item.instance_id].queued
    ]


def reconciled(
    state: JobState, listed: Mapping[str, Instance], now: datetime, hosts: Mapping[str, Host] = NO_HOSTS
) -> JobState:
    """The state with what EC2 lists: instances of a launch whose answer was never written down, and those that are gone.

    Instances of the last launch are its answer: there is nothing to repeat or to wait for. Not being listed says nothing,
    for listings lag behind.

    Args:
        state: as it was read.
        listed: EC2's instances of the job, by id.
        now: the present; when an instance is first seen gone counts as its end.
        hosts: what instances run on that waited for it in a queue; since then they cost money.
    """
    known = {item.instance_id for item in state.instances}
    found = [_adopted(state, item) for name, item in sorted(listed.items()) if name not in known]
    seen = (_placed(item, listed, hosts) for item in (*state.instances, *found))
    instances = tuple(_seen(item, listed.get(item.instance_id), now) for item in seen)
    state = replace(state, instances=instances)
    answers = instances if state.unanswered else found
    awaited = state.unanswered or state.next_launch_at is not None
    if awaited and any(item.launch == state.launches for item in answers):
        return replace(state, reason="", unanswered=0, refusals=0, next_launch_at=None)
    return state


def launch_number(instance: Instance, unknown: int) -> int:
    """Which of its job's launches, counted from 1 through all runs, an instance comes from, as its tags say.

    Args:
        instance: as EC2 lists it.
        unknown: the answer for one whose tags do not say.
    """
    number = instance.tags.get(tags.ATTEMPT, "")
    return int(number) if is_digits(number) else unknown


def _adopted(state: JobState, instance: Instance) -> LaunchedInstance:
    launch = launch_number(instance, state.launches)
    return LaunchedInstance(
        launch,
        instance.instance_id,
        0,
        instance.launched_at,
        instance.instance_type,
        instance.market,
        run=state.run if launch >= state.first_launch else state.run - 1,
    )


def _placed(item: LaunchedInstance, listed: Mapping[str, Instance], hosts: Mapping[str, Host]) -> LaunchedInstance:
    host = hosts.get(item.instance_id)
    if item.market or host is None:
        return item
    launched_at = listed[item.instance_id].launched_at
    return replace(item, launched_at=launched_at, instance_type=host.instance_type, market=host.market)


def _seen(item: LaunchedInstance, instance: Instance | None, now: datetime) -> LaunchedInstance:
    gone = item.ended_at is None and instance is not None and instance.is_gone
    return replace(item, ended_at=now) if gone else item
