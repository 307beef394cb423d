"""How a function of schema booking is called, and what each of them answers."""

from dataclasses import dataclass
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection

from booking.errors import HTTP_STATUS
from clinic.errors import translate


@dataclass(frozen=True, slots=True)
class Outcome:
    """What every function that changes something answers. code and message are None on success.

    idempotent tells that an earlier call did the work, or that nothing was left to do.
    """

    status: str
    code: str | None = None
    message: str | None = None
    idempotent: bool = False

    new_status = 201  # of work that was done now; 200 where nothing new comes of it

    @property
    def ok(self) -> bool:
        return self.status == "success"

    @property
    def http_status(self) -> int:
        """new_status, 200 for a repeat, else the status of the code."""
        if self.ok:
            return 200 if self.idempotent else self.new_status
        return HTTP_STATUS[self.code or "invalid_input"]


def call(function: str, *args: Any) -> Any:
    """The one value that a function of schema booking returns. Raises our named errors."""
    marks = ", ".join(["%s"] * len(args))
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"select booking.{function}({marks})", args)
            return cursor.fetchone()[0]
    except DatabaseError as error:
        raise translate(error) from error


def common(parsed: dict[str, Any]) -> dict[str, Any]:
    """The fields of Outcome in what a function answered."""
    return {name: parsed.get(name) for name in ("status", "code", "message")} | {
        "idempotent": parsed.get("idempotent", False)
    }
