"""Column types that Django has no field for."""

from typing import Any

from django.db import models


class PgEnumField(models.CharField):
    """A column of a PostgreSQL enum; type_name is the enum, choices mirror its values."""

    def __init__(self, *args: Any, type_name: str = "", **kwargs: Any) -> None:
        self.type_name = type_name
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "type_name": self.type_name}

    def db_type(self, connection: Any) -> str:
        return self.type_name

    def cast_db_type(self, connection: Any) -> str:
        return self.type_name


class CITextField(models.CharField):
    """Text that compares without case (extension citext)."""

    def db_type(self, connection: Any) -> str:
        return "citext"

    def cast_db_type(self, connection: Any) -> str:
        return "citext"
