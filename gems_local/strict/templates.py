"""Launch templates as EC2 keeps them: versions that inherit, versions that are deleted, and what a launch takes of one."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element

from moto.ec2.models.launch_templates import LaunchTemplate

from gems_local.strict import moto_state
from gems_local.strict.call import Answer, Call, Next, refusal, xml
from gems_local.strict.documents import add, as_bytes, items, name, parse, text_of


class Unlaunchable(Exception):
    """EC2 would refuse this; carries its answer."""

    def __init__(self, code: str, message: str) -> None:
        self.answer = refusal(code, message)
        super().__init__(message)


class Templates:
    """The rule for the actions on launch templates, and their reading for launches."""

    def __init__(self) -> None:
        self._deleted: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Answer as EC2 does, or pass on."""
        if call.service != "ec2":
            return proceed(call)
        try:
            match call.action:
                case "CreateLaunchTemplateVersion":
                    return self._create_version(call, proceed)
                case "DeleteLaunchTemplateVersions":
                    return self._delete_versions(call)
                case "DescribeLaunchTemplateVersions":
                    return self._without_deleted(proceed(call))
        except Unlaunchable as problem:
            return problem.answer
        return proceed(call)

    def launch_parameters(self, region: str, specification: Mapping[str, str]) -> dict[str, Any]:
        """What a version of a template says, under the names of the API reference.

        Args:
            region: where.
            specification: ``LaunchTemplateName`` or ``LaunchTemplateId``, and perhaps ``Version``.

        Raises:
            Unlaunchable: there is no such template or version.
        """
        template = _template(region, specification)
        number = moto_state.version_number(template, specification.get("Version"))
        data = moto_state.version_data(template, number)
        if data is None or (template.id, number) in self._deleted:
            message = f"Could not find launch template version {specification.get('Version')} of {template.id}."
            raise Unlaunchable("InvalidLaunchTemplateId.VersionNotFound", message)
        return data

    def _create_version(self, call: Call, proceed: Next) -> Answer:
        template = _template(call.region, call.parameters)
        source = None
        if "SourceVersion" in call.parameters:
            named = {"LaunchTemplateId": template.id, "Version": call.parameters["SourceVersion"]}
            source = self.launch_parameters(call.region, named)
        with self._lock:
            answer = proceed(call)
            if answer.succeeded:
                moto_state.complete_version(template, source)
        return answer

    def _delete_versions(self, call: Call) -> Answer:
        template = _template(call.region, call.parameters)
        versions = call.nested.get("LaunchTemplateVersion", [])
        numbers = [moto_state.version_number(template, version) for version in versions]
        gone = [number for number in numbers if self._may_go(template, number)]
        self._deleted |= {(template.id, number) for number in gone}
        tree = Element(name("DeleteLaunchTemplateVersionsResponse"))
        add(tree, "requestId", "strict")
        _list_versions(add(tree, "successfullyDeletedLaunchTemplateVersionSet"), template, gone)
        kept = [number for number in numbers if number not in gone]
        _list_versions(add(tree, "unsuccessfullyDeletedLaunchTemplateVersionSet"), template, kept)
        return xml(HTTPStatus.OK, as_bytes(tree))

    def _may_go(self, template: LaunchTemplate, number: int) -> bool:
        exists = moto_state.version_data(template, number) is not None and (template.id, number) not in self._deleted
        return exists and number != template.default_version_number

    def _without_deleted(self, answer: Answer) -> Answer:
        if not answer.succeeded or not self._deleted:
            return answer
        tree = parse(answer.body)
        listed = items(tree, "launchTemplateVersionSet")
        for item in list(listed):
            if (text_of(item, "launchTemplateId"), int(text_of(item, "versionNumber"))) in self._deleted:
                listed.remove(item)
        return xml(HTTPStatus.OK, as_bytes(tree))


def _template(region: str, specification: Mapping[str, str]) -> LaunchTemplate:
    template = moto_state.template(region, specification)
    if template is None:
        by_name = "LaunchTemplateName" in specification
        code = "InvalidLaunchTemplateName.NotFoundException" if by_name else "InvalidLaunchTemplateId.NotFound"
        raise Unlaunchable(code, f"The specified launch template does not exist: {dict(specification)}.")
    return template


def _list_versions(listed: Element, template: LaunchTemplate, numbers: list[int]) -> None:
    for number in numbers:
        item = add(listed, "item")
        add(item, "launchTemplateId", template.id)
        add(item, "launchTemplateName", template.name)
        add(item, "versionNumber", str(number))
