"""The first test: the role under test cannot get around row-level security."""

import os

from django.db import connection


def test_the_site_is_bound_by_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_user, session_user, rolsuper, rolbypassrls,"
            " exists (select from pg_class where relowner = r.oid)"
            " from pg_roles r where rolname = current_user"
        )
        role, session_role, is_super, bypasses, owns = cursor.fetchone()
    assert (role, session_role) == ("clinic_app", "clinic_app"), (
        f"the suite runs as {role}; run it as clinic_app, as the site does"
    )
    assert not is_super, "the suite runs as a superuser: it would prove nothing"
    assert not bypasses
    assert not owns


def test_the_address_is_that_of_the_site() -> None:
    assert "clinic_app" in os.environ["DATABASE_URL"]
