"""Environment variables: what .env holds, the secrets it lacks, and which database is meant."""

import base64
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tools.console import SetupError
from tools.postgres import ADMIN, HOST

SITE, OWNER, ADMINISTRATOR = "DATABASE_URL", "MIGRATION_DATABASE_URL", "ADMIN_DATABASE_URL"
URLS = (SITE, OWNER, ADMINISTRATOR)
LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$")

Values = dict[str, str]


def parse(text: str) -> Values:
    """The variables of a .env text; an empty one counts as unset."""
    found = (LINE.match(line) for line in text.splitlines())
    pairs = {match[1]: match[2].strip() for match in found if match}
    return {name: unquote(value) for name, value in pairs.items() if unquote(value)}


def unquote(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


def read(path: Path) -> Values:
    return parse(path.read_text()) if path.exists() else {}


def write(path: Path, text: str) -> None:
    """Replaces the file at once (a full disk leaves the old one), readable by its owner only."""
    draft = path.with_name(f"{path.name}.draft")
    draft.touch(mode=0o600)
    draft.chmod(0o600)
    draft.write_text(text)
    draft.replace(path)


def add_missing(path: Path, values: Mapping[str, str], known: Mapping[str, str]) -> Values:
    """Appends the values that neither the file nor `known` has; returns all that the file has."""
    text = path.read_text() if path.exists() else ""
    there = parse(text)
    missing = {n: v for n, v in values.items() if n not in there and not known.get(n)}
    if missing:
        text += "" if text.endswith("\n") or not text else "\n"
        write(path, text + "".join(f"{name}={value}\n" for name, value in missing.items()))
    return there | missing


def replace(path: Path, values: Mapping[str, str]) -> None:
    """Gives variables that the file has another value, and leaves every other line as it is."""

    def line(old: str) -> str:
        match = LINE.match(old)
        if not match or match[1] not in values:
            return old
        return f"{match[1]}={values[match[1]]}"

    text = path.read_text()
    new = "".join(f"{line(old)}\n" for old in text.splitlines())
    if parse(new) != parse(text):
        write(path, new)


def key(name: str) -> str:
    """A fresh key, `name:base64 of 32 bytes`."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def fresh(environment: str) -> Values:
    """What every environment needs besides its database, with new random secrets."""
    return {
        "ENVIRONMENT": environment,
        "DEBUG": "false",
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEYS": key("f1"),
        "CONTEXT_SIGNING_KEYS": key("c1"),
    }


def login(role: str, admin_url: str) -> str:
    """An address of admin_url's database for another role, with a new random password."""
    return with_server(f"postgres://{role}:{secrets.token_urlsafe(24)}@server/", admin_url)


def with_server(url: str, admin_url: str) -> str:
    """url's login at admin_url's server and database."""
    who, admin = urlsplit(url).netloc.rpartition("@")[0], urlsplit(admin_url)
    where = admin.netloc.rpartition("@")[2]
    return urlunsplit(admin._replace(netloc=f"{who}@{where}"))


def with_database(url: str, dbname: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{dbname}"))


def is_our_cluster(values: Mapping[str, str]) -> bool:
    """Whether the addresses (if any) are those of the cluster that the tools made."""
    if not any(values.get(name) for name in URLS):
        return True
    admin = urlsplit(values.get(ADMINISTRATOR, ""))
    return (admin.username, admin.hostname) == (ADMIN, HOST)


def chosen_server(environ: Mapping[str, str], dotenv: Mapping[str, str]) -> Values | None:
    """The three addresses of a server that somebody chose; None when the tools make the cluster.

    The real environment goes before .env, and the three always come from one of the two: a site
    on one server migrated on another helps nobody.
    """
    for source, place in ((environ, "the environment"), (dotenv, ".env")):
        given = {name: source[name] for name in URLS if source.get(name)}
        if not given or (source is dotenv and is_our_cluster(dotenv)):
            continue
        if missing := [name for name in URLS if name not in given]:
            raise SetupError(
                f"{' and '.join(given)} set in {place}, but not {' and '.join(missing)}.\n"
                "Set all three for a server of your own, or none for one that is started here."
            )
        return given
    return None


def own_urls(path: Path, admin_url: str) -> Values:
    """Writes the addresses of our own cluster, wherever it now listens; logins keep passwords."""
    new = {SITE: login("clinic_app", admin_url), OWNER: login("clinic_migrator", admin_url)}
    there = add_missing(path, {**new, ADMINISTRATOR: admin_url}, {})
    logins = {name: with_server(there[name], admin_url) for name in (SITE, OWNER)}
    replace(path, {**logins, ADMINISTRATOR: admin_url})
    return {**logins, ADMINISTRATOR: admin_url}


def merged(values: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> Values:
    """The environment for a child: ours, and over it what is really set."""
    return {**values, **{name: value for name, value in environ.items() if value}}
