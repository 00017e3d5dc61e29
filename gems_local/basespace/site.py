"""The stand-in as a whole: the API, results, people's pages, and what tests tell and ask it."""

from __future__ import annotations

import html
from urllib.parse import urlencode

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from gems_local.basespace.account import OWNER, PROJECT, USERS, Account, Result
from gems_local.basespace.faults import Faults
from gems_local.basespace.reads import add_reads
from gems_local.basespace.sessions import add_sessions
from gems_local.basespace.wire import Json, Refused, envelope, own_session, stumble, told_error, user_of_request


def make_site(account: Account, faults: Faults) -> Flask:
    """The stand-in as a WSGI app."""
    site = Flask(__name__, static_folder=None)
    site.before_request(lambda: stumble(faults))
    site.register_error_handler(Refused, told_error)
    add_sessions(site, account)
    add_reads(site, account)
    _add_results(site, account)
    _add_pages(site, account)
    _add_controls(site, account, faults)
    return site


def _add_results(site: Flask, account: Account) -> None:
    @site.post("/v1pre3/projects/<project_id>/appresults")
    def make(project_id: str) -> ResponseReturnValue:
        session = own_session(account, request.args["appsessionid"])
        if project_id != PROJECT:
            raise Refused(404, "BASESPACE.PROJECTS.NOT_FOUND")
        result = Result(account.new_id(), session.session_id, project_id, request.get_json()["Name"])
        account.results[result.result_id] = result
        return envelope({"Id": result.result_id, "Name": result.name}), 201

    @site.post("/v1pre3/appresults/<result_id>/files")
    def add(result_id: str) -> ResponseReturnValue:
        user_of_request(account)
        result = account.results.get(result_id)
        if result is None:
            raise Refused(404, "BASESPACE.APPRESULTS.NOT_FOUND")
        folder = request.args.get("directory", "").strip("/")
        result.files[f"{folder}/{request.args['name']}".lstrip("/")] = request.get_data()
        return envelope({"Id": account.new_id()}), 201


_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""


def _drawn(title: str, body: str) -> str:
    return _FRAME.format(title=html.escape(title), body=body)


def _add_pages(site: Flask, account: Account) -> None:
    @site.get("/")
    def front() -> str:
        rows = "".join(
            f'<li><label><input type="checkbox" name="sample" value="{sample_id}" checked> {html.escape(name)}</label></li>'
            for sample_id, (name, _) in account.samples.items()
        )
        classes = "".join(f'<option value="{value}">{value}</option>' for value in ("all", "1", "2"))
        return _drawn(
            "Stand-in for BaseSpace",
            f'<form method="post" action="/launch"><ul>{rows}</ul><p><label>HLA class <select name="hla-class">{classes}'
            '</select></label> <label>Mail to <input name="email"></label></p><p><button>Launch app</button></p></form>',
        )

    @site.post("/launch")
    def launch() -> ResponseReturnValue:
        session = account.launch(
            request.form.getlist("sample"), request.form["hla-class"], request.form.get("email", "")
        )
        asked = {"action": "trigger", "appsessionuri": f"/v1pre3/appsessions/{session.session_id}"}
        return redirect(f"{account.app_url}/basespace?{urlencode(asked)}", 303)

    @site.get("/oauth/authorize")
    def authorize() -> str:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(request.args[name])}">'
            for name in ("client_id", "redirect_uri", "state")
        )
        users = "".join(f'<option value="{user}">{name}</option>' for user, name in USERS.items())
        return _drawn(
            "Let GeMS in?",
            f'<form method="post" action="/oauth/authorize">{hidden}<p><label>You are <select name="user">{users}</select>'
            '</label></p><p><button name="answer" value="yes">Allow</button> <button name="answer" value="no">Deny</button></p></form>',
        )

    @site.post("/oauth/authorize")
    def authorized() -> ResponseReturnValue:
        form, redirect_uri = request.form, f"{account.app_url}/basespace/oauth"
        if form["redirect_uri"] != redirect_uri or form["client_id"] != account.client.partition(":")[0]:
            raise Refused(400, "invalid_request")
        answer = {"code": account.new_code(form.get("user", OWNER), redirect_uri)}
        told = answer if form.get("answer", "yes") == "yes" else {"error": "access_denied"}
        return redirect(f"{redirect_uri}?{urlencode({**told, 'state': form['state']})}", 303)


def _add_controls(site: Flask, account: Account, faults: Faults) -> None:
    """For tests and for who starts the stand-in."""

    @site.put("/stand-in/app")
    def app() -> Json:
        account.app_url = request.get_json()["url"]
        return {}

    @site.put("/stand-in/faults")
    def plan() -> Json:
        faults.clear()
        for fault in request.get_json():
            faults.plan(**fault)
        return {}

    @site.get("/stand-in/state")
    def state() -> Json:
        return {
            "sessions": {key: vars(session) for key, session in account.sessions.items()},
            "results": [
                {"session": result.session_id, "name": result.name, "files": sorted(result.files)}
                for result in account.results.values()
            ],
        }
