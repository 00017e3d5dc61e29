"""The way of a deployment: steps that each look at what is left to do, and do it.

Every step can be repeated, so a deployment that broke off goes on where it stopped when it is called again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

import requests

from gems_core import __version__
from gems_core.errors import DeploymentFailed
from gems_deploy import artefacts, function, gateway, launch_template, mail_events, review_lock, tokens
from gems_deploy.parameters import Wishes, stack_parameters
from gems_deploy.run import Run, Step
from gems_deploy.site import Site
from gems_deploy.stack import MissingOutput, apply_stack, drop, plan_stack, read_stack
from gems_deploy.stack_steps import OF_THE_STAGE, with_batch


def _look_at_template(run: Run) -> list[str]:
    version = launch_template.stale_default(run.site, run.outputs["LaunchTemplate"])
    return [] if version is None else [f"make version {version} the default one"]


def _set_template(run: Run) -> None:
    template_id = run.outputs["LaunchTemplate"]
    version = launch_template.stale_default(run.site, template_id)
    if version is not None:
        launch_template.make_default(run.site, template_id, version)


def _look_at_review_log(run: Run) -> list[str]:
    lock = review_lock.wished(run.zappa()[run.site.stage.name]["aws_environment_variables"])
    if lock is None or review_lock.is_on(run.site, run.outputs["ControlBucket"]):
        return []
    return [f"turn on S3 Object Lock, for {review_lock.SETTING}={lock}; nobody can turn it off again"]


def _lock_review_log(run: Run) -> None:
    review_lock.turn_on(run.site, run.outputs["ControlBucket"])


def _look_at_tokens(run: Run) -> list[str]:
    return [f"make {name}" for name in tokens.missing_tokens(run.site, run.outputs)]


def _make_tokens(run: Run) -> None:
    for name in tokens.missing_tokens(run.site, run.outputs):
        tokens.make_token(run.site, run.outputs, name)


def _look_at_artefacts(run: Run) -> list[str]:
    run.publication = artefacts.plan_publication(
        run.site, run.outputs["ControlBucket"], run.named, lambda kinds: run.collect(kinds, run.architecture)
    )
    return list(run.publication.lines)


def _staying_artefacts(run: Run) -> tuple[str, ...]:
    return run.publication.staying if run.publication else ()


def _publish(run: Run) -> None:
    assert run.publication is not None  # looked at before
    artefacts.publish(run.site, run.outputs["ControlBucket"], run.publication, run.named)


def _look_at_function(run: Run) -> list[str]:
    found = function.read_function(run.site)
    if found is None:
        return [f"make the function {run.site.stage.function}, its gateway and its schedule"]
    changed = function.drift(found, run.zappa()[run.site.stage.name], run.zip_path)
    return [f"update {', '.join(changed)}"] if changed else []


def _deploy_function(run: Run) -> None:
    exists = function.read_function(run.site) is not None
    function.deploy_function(run.site, run.zappa(), run.zip_path, exists=exists)
    # A new gateway has only now an address, which workers, links and mails are told.
    if not exists and _look_at_function(run):
        function.deploy_function(run.site, run.zappa(), run.zip_path, exists=True)


def _look_at_mail_events(run: Run) -> list[str]:
    # A stack of an older release has no configuration set yet.
    configuration_set = run.outputs.get("MailEvents")
    if configuration_set is None or mail_events.is_set_up(run.site, configuration_set):
        return []
    return [f"let {mail_events.rule_name(run.site)} call the function"]


def _set_up_mail_events(run: Run) -> None:
    mail_events.set_up(run.site, run.outputs["MailEvents"])


def _look_at_gateway(run: Run) -> list[str]:
    lines = [] if gateway.read_throttle(run.site) == gateway.WANTED else [f"let through {gateway.WANTED}"]
    return lines + (["let the deployer's role change this gateway and no other"] if _has_new_gateway(run) else [])


def _has_new_gateway(run: Run) -> bool:
    """Whether Zappa made a gateway after the stack was told of one."""
    found, current = gateway.gateway_id(run.site), read_stack(run.site)
    return bool(found) and current is not None and current.parameters.get("RestApiId", "") != found


def _settle_gateway(run: Run) -> None:
    if gateway.read_throttle(run.site) != gateway.WANTED:
        gateway.set_throttle(run.site)
    if _has_new_gateway(run):
        current = read_stack(run.site)  # all wishes are in it by now
        change = plan_stack(run.site, current, stack_parameters(run.site, current, Wishes()))
        run.outputs = apply_stack(run.site, change).outputs
        _set_template(run)  # the image may have changed since the first change of the stack


def check_answer(site: Site, url: str) -> str:
    """Ask the API for its health: '' when this version answers, else what came."""
    try:
        answer = site.get(f"{url}/healthz")
        version = answer.json().get("version") if answer.status_code == HTTPStatus.OK else None
    except (requests.RequestException, ValueError) as error:
        return f"no answer: {error}"
    return "" if version == __version__ else f"status {answer.status_code}, version {version}"


def _try(run: Run) -> None:
    found = check_answer(run.site, run.api_url)
    if found:
        raise DeploymentFailed(
            f"{run.api_url}/healthz: expected GeMS {__version__}, found {found}. See the log group "
            f"{run.outputs['ApiLogs']}; `gems doctor --stage {run.site.stage.name}` looks at everything."
        )


STEPS = (
    OF_THE_STAGE,
    Step("launch template", _look_at_template, _set_template, follows_stack=True),
    Step("review log", _look_at_review_log, _lock_review_log, follows_stack=True),
    Step("tokens", _look_at_tokens, _make_tokens, follows_stack=True),
    Step("artefacts", _look_at_artefacts, _publish, staying=_staying_artefacts),
    Step("function", _look_at_function, _deploy_function, follows_stack=True),
    Step("mail events", _look_at_mail_events, _set_up_mail_events, follows_stack=True),
    Step("gateway", _look_at_gateway, _settle_gateway),
    Step("smoke test", lambda run: [f"GET {run.api_url or '<the new address>'}/healthz"], _try),
)


def deploy(run: Run, tell: Callable[[str], None], *, dry_run: bool) -> None:
    """Walk all steps.

    Args:
        run: the deployment.
        tell: gets a line for each thing that is done, or with ``dry_run`` would be.
        dry_run: change nothing.

    Raises:
        DeploymentFailed: at a step; what was done before it stays done, and a repeat goes on there.
    """
    with _unused_change_dropped(run):
        steps = with_batch(run, STEPS)
        for number, step in enumerate(steps, start=1):
            head = f"{number}/{len(steps)} {step.name}"
            if step.needs_stack and not run.outputs:
                tell(f"{head}: follows from the new stack")
                continue
            try:
                lines = step.look(run)
            except MissingOutput:
                if not run.changes:
                    raise
                tell(f"{head}: follows from the changed stack")
                continue
            tell(f"{head}: {_told(run, step, lines)}")
            if lines and not dry_run:
                step.act(run)


def _told(run: Run, step: Step, lines: list[str]) -> str:
    told = "; ".join(lines) if lines else "nothing to do"
    # Once the change is made it is none any more.
    if step.follows_stack and any(change.kind == "update" for change in run.changes):
        told += "; more may follow from the changed stack"
    staying = step.staying(run)
    return f"{told} (stays: {', '.join(staying)})" if staying else told


@contextmanager
def _unused_change_dropped(run: Run) -> Iterator[None]:
    """Leave no change set behind that nobody applies, however the walk ends."""
    try:
        yield
    except BaseException:
        for change in run.changes:
            with suppress(DeploymentFailed):  # what went wrong first is told
                drop(run.site, change)
        raise
    for change in run.changes:
        drop(run.site, change)
