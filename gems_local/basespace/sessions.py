"""Launches of the app, and who lets it in."""

from __future__ import annotations

import base64

from flask import Flask, request
from flask.typing import ResponseReturnValue

from gems_local.basespace.account import USERS, Account, Session
from gems_local.basespace.wire import Json, Refused, answered, envelope, own_session, paged, user_of_request


def add_sessions(site: Flask, account: Account) -> None:
    """The calls about launches, and about people."""
    _add_launches(site, account)
    _add_people(site, account)


def _add_launches(site: Flask, account: Account) -> None:
    @site.get("/v1pre3/appsessions/<session_id>")
    def session(session_id: str) -> ResponseReturnValue:
        sent = request.headers.get("Authorization", "")
        if sent != f"Basic {base64.b64encode(account.client.encode()).decode()}":
            own_session(account, session_id)
        found = account.sessions.get(session_id)
        if found is None:
            raise Refused(404, "BASESPACE.APPSESSION.NOT_FOUND")
        return envelope(
            {
                "Id": found.session_id,
                "Name": f"HLA typing {found.session_id}",
                "Status": found.status,
                "StatusSummary": found.told[-1][1] if found.told else "",
                "UserCreatedBy": {"Id": found.user_id, "Name": USERS[found.user_id]},
                "Application": {"Id": "7001", "Name": "GeMS"},
                "References": [],
            }
        )

    @site.get("/v1pre3/appsessions/<session_id>/properties")
    def properties(session_id: str) -> ResponseReturnValue:
        return paged(list(_properties(own_session(account, session_id))))

    @site.post("/v1pre3/appsessions/<session_id>")
    def tell(session_id: str) -> ResponseReturnValue:
        body = request.get_json()
        if not account.told(own_session(account, session_id), body["status"], body["statussummary"]):
            raise Refused(409, "BASESPACE.APPSESSION.STATUS_FINAL")
        return envelope({"Id": session_id})


def _add_people(site: Flask, account: Account) -> None:
    @site.post("/v1pre3/oauthv2/token")
    def token() -> ResponseReturnValue:
        if f"{request.form['client_id']}:{request.form['client_secret']}" != account.client:
            raise Refused(401, "invalid_client")
        made = account.exchange(request.form["code"], request.form["redirect_uri"])
        if made is None:
            raise Refused(400, "invalid_grant")
        return answered({"access_token": made, "token_type": "bearer", "expires_in": 36000})

    @site.get("/v1pre3/users/current")
    def user() -> ResponseReturnValue:
        found = user_of_request(account)
        return envelope({"Id": found, "Name": USERS[found]})


def _properties(session: Session) -> list[Json]:
    chosen = session.choices
    samples = [{"Id": sample_id} for sample_id in chosen["samples"]]
    words = {
        f"Input.{name}": chosen[name] for name in ("hla-class", "email", "panel-id", "reference-id") if name in chosen
    }
    return [
        {"Type": "project", "Name": "Input.project-id", "Content": {"Id": chosen["project"]}},
        {"Type": "sample[]", "Name": "Input.sample-id", "Items": samples},
        {"Type": "biosample[]", "Name": "Input.biosample-id", "Items": samples},
        *({"Type": "string", "Name": name, "Content": text} for name, text in words.items()),
    ]
