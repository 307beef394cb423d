"""Login, before any clinic is known: through definer functions, never the users table."""

from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from clinic.models import User
from clinic.tenancy.door import at_the_door
from clinic.tenancy.middleware import client_ip

UNKNOWN_IP = "::"  # an address that nobody has


def find_user(user_id: UUID | str) -> User | None:
    """The active user with this id, or None. One query."""
    found = at_the_door("app.session_user", user_id)
    if not found:
        return None
    *columns, stamp = found[0]
    names = ("id", "clinic_id", "email", "full_name", "role", "language")
    user = User.from_db("default", names, columns)
    user.session_stamp = stamp
    return user


class LoginBackend:
    """E-mail and password. The same address may exist in several clinics: the password decides."""

    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **kwargs: Any
    ) -> User | None:
        if not username or not password or "\x00" in username + password:
            return None
        candidates = at_the_door("app.login_candidates", username)
        if not candidates:
            make_password(password)  # as slow as a wrong password, so that time tells nothing
        user_id = next(
            (pk for pk, encoded in candidates if check_password(password, encoded)), None
        )
        ip = client_ip(request) if request else ""
        at_the_door("app.record_login", username[:254], ip or UNKNOWN_IP, user_id)
        return find_user(user_id) if user_id else None

    def get_user(self, user_id: str) -> User | None:
        return find_user(user_id)


def login_blocked(email: str, ip: str) -> bool:
    """Whether this address has failed too often for this mailbox (ten times in 15 minutes).

    email is what was typed: blanks around it are no way past the count, which the form strips.
    """
    email = email.strip()
    if "\x00" in email:  # no mailbox; the form will say so
        return False
    return bool(at_the_door("app.login_blocked", email[:254], ip or UNKNOWN_IP)[0][0])
