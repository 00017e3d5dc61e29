"""Names, roles, and what each role may do."""

from __future__ import annotations

import pytest

from gems_core.people import SHARED_USER, Account, Caller, Right, Role, is_issuer, is_name, narrower, parse_name

MAY = {
    None: {Right.READ, Right.RUN},
    Role.VIEWER: {Right.READ},
    Role.REVIEWER: {Right.READ, Right.RUN, Right.REVIEW},
    Role.APPROVER: {Right.READ, Right.RUN, Right.REVIEW, Right.APPROVE},
    Role.ADMINISTRATOR: {Right.READ, Right.RUN},
}


@pytest.mark.parametrize(("role", "rights"), MAY.items(), ids=map(str, MAY))
def test_a_role_may_do_what_it_may_and_no_more(role: Role | None, rights: set[Right]) -> None:
    caller = Caller("anna", role)
    assert {right for right in Right if caller.may(right)} == rights
    assert caller.is_person == (role is not None)


def test_every_role_is_in_the_table() -> None:
    assert set(MAY) == {None, *Role}


@pytest.mark.parametrize("name", ["anna", "a", "j-doe2", "a" * 32])
def test_a_name_is_taken(name: str) -> None:
    assert is_name(name)
    assert parse_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "Anna", "2nd", "-a", "a.b", "a/b", "../a", "a b", "anna\n", "é", "a" * 33, SHARED_USER]
)
def test_another_name_is_refused(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ValueError, match="expected 1 to 32 lower-case letters"):
        parse_name(name)


@pytest.mark.parametrize("one", Role)
@pytest.mark.parametrize("other", Role)
def test_of_two_roles_the_narrower_has_no_right_that_one_of_them_lacks(one: Role, other: Role) -> None:
    assert narrower(one, other).rights == one.rights & other.rights
    assert narrower(one, other) in (one, other)


ISSUERS = {
    "https://login.example.org": True,
    "https://login.example.org:8443/realms/lab/": True,
    "http://127.0.0.1:9400": True,
    "http://login.example.org": False,
    "http://127.0.0.1.evil.example.org:80": False,
    "https://a@login.example.org": False,
    "https://login.example.org?x=1": False,
    "https://login.example.org/#x": False,
    "https://login.example.org/a b": False,
    "https://login.example.org\n": False,
    "": False,
    "https://" + "a" * 500: False,
}


@pytest.mark.parametrize(("issuer", "is_one"), ISSUERS.items())
def test_an_account_is_at_an_address_with_tls(issuer: str, is_one: bool) -> None:
    assert is_issuer(issuer) == is_one
    if not is_one:
        with pytest.raises(ValueError, match="issuer: expected an https address"):
            Account(issuer, "1")
