"""The session store: three database functions that take the whole key, no readable table."""

import re
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core.exceptions import SuspiciousOperation
from django.db import connection


def call(function: str, *args: Any) -> Any:
    """The single value that an app.* function returns."""
    marks = ", ".join(["%s"] * len(args))
    with connection.cursor() as cursor:
        cursor.execute(f"select app.{function}({marks})", args)
        return cursor.fetchone()[0]


class SessionStore(SessionBase):
    def _validate_session_key(self, key: str | None) -> bool:
        """Only what we make ourselves is looked up: a cookie may hold anything, NUL too."""
        return bool(key) and re.fullmatch(r"[a-z0-9]{32}", str(key)) is not None

    def load(self) -> dict[str, Any]:
        data = call("load_session", self.session_key) if self.session_key else None
        if data is None:
            self._session_key = None
            return {}
        try:
            return self.decode(data)
        except SuspiciousOperation:
            return {}

    def exists(self, session_key: str) -> bool:
        return call("load_session", session_key) is not None

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        mode = "insert" if must_create else "update"
        data = self.encode(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        if not call("save_session", self.session_key, data, self.get_expiry_date(), mode):
            raise CreateError if must_create else UpdateError

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            call("delete_session", key)

    @classmethod
    def clear_expired(cls) -> None:
        call("purge_sessions")
