"""A program that uses the API, and holds every answer against the published description."""

import json
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from booking.views.api.document import text
from tests.factories import World


@cache
def described() -> dict[str, Any]:
    return json.loads(text())


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference of the document points at."""
    while "$ref" in node:
        found: Any = described()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value; references are those of the document."""
    whole = {"components": described()["components"], **schema}
    checker = Draft202012Validator.FORMAT_CHECKER
    found = validator_for(whole, Draft202012Validator)(whole, format_checker=checker)
    return [error.message for error in found.iter_errors(value)]


def checked(path: str, method: str, response: HttpResponse) -> HttpResponse:
    """The answer, after it was found in the description: status, type, headers, body."""
    operations = described()["paths"][path]
    operation = operations.get(method) or next(iter(operations.values()))
    answers = operation["responses"]
    assert str(response.status_code) in answers, (path, response.status_code, response.content)
    answer = resolved(answers[str(response.status_code)])
    (kind,) = answer["content"]
    assert response["Content-Type"] == kind, response["Content-Type"]
    for name, header in answer.get("headers", {}).items():
        assert complaints(resolved(header)["schema"], response[name]) == [], name
    body = json.loads(response.content)
    assert complaints(answer["content"][kind]["schema"], body) == []
    assert "no-store" in response["Cache-Control"]
    if response.status_code >= 400:
        assert body["status"] == response.status_code
    return response


class Program:
    """Calls the API of one clinic with one session; what it gets back is always checked."""

    def __init__(self, world: World, client: Client, code: str = "") -> None:
        self.base = f"/c/{code or world.clinic.code}/api"
        self.client = client

    def get(self, path: str, **query: Any) -> HttpResponse:
        url = f"{self.base}{path}?{urlencode(query, doseq=True)}"
        return checked(path, "get", self.client.get(url))

    def post(self, path: str, sent: Any, key: str = "", **headers: str) -> HttpResponse:
        if key:
            headers["Idempotency-Key"] = key
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        kind = headers.pop("Content-Type", "application/json")
        response = self.client.post(f"{self.base}{path}", body, content_type=kind, headers=headers)
        return checked(path, "post", response)

    def slots(self, **query: Any) -> list[dict[str, Any]]:
        return self.get("/$find", **query).json()["slots"]  # type: ignore[attr-defined]
