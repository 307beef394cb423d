"""What the tools write to .env, and which database they take to be meant."""

import base64
import stat
from pathlib import Path

import pytest

from tools import env
from tools.console import SetupError

ADMIN_URL = "postgres://rowan_admin:secret@127.0.0.1:15500/rowan"
ELSEWHERE = {
    "DATABASE_URL": "postgres://clinic_app:a@db.example:5432/live",
    "MIGRATION_DATABASE_URL": "postgres://clinic_migrator:b@db.example:5432/live",
    "ADMIN_DATABASE_URL": "postgres://postgres:c@db.example:5432/live",
}


def test_what_is_in_the_file_stays_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# mine\nexport SECRET_KEY='kept'\nOTHER=1")
    values = env.add_missing(path, {"SECRET_KEY": "new", "DEBUG": "false"}, {})
    assert path.read_text() == "# mine\nexport SECRET_KEY='kept'\nOTHER=1\nDEBUG=false\n"
    assert values == {"SECRET_KEY": "kept", "OTHER": "1", "DEBUG": "false"}


def test_what_is_really_set_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    env.add_missing(path, {"SECRET_KEY": "new", "DEBUG": "false"}, {"SECRET_KEY": "set"})
    assert path.read_text() == "DEBUG=false\n"


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    path.chmod(0o644)
    env.add_missing(path, {"SECRET_KEY": "new"}, {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    first = env.add_missing(path, env.fresh("development"), {})
    text = path.read_text()
    assert env.add_missing(path, env.fresh("development"), {}) == first
    assert path.read_text() == text


def test_keys_are_an_id_and_32_bytes() -> None:
    name, value = env.key("f1").split(":")
    assert (name, len(base64.b64decode(value, validate=True))) == ("f1", 32)


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("SECRET_KEY=\n")
    assert env.add_missing(path, {"SECRET_KEY": "new"}, {})["SECRET_KEY"] == "new"


def test_logins_keep_their_passwords_when_the_port_moves(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    first = env.own_urls(path, ADMIN_URL)
    moved = env.own_urls(path, ADMIN_URL.replace("15500", "15600").replace("secret", "other"))
    assert moved["DATABASE_URL"] == first["DATABASE_URL"].replace("15500", "15600")
    assert moved["ADMIN_DATABASE_URL"] == "postgres://rowan_admin:other@127.0.0.1:15600/rowan"
    assert env.read(path) == moved


def test_our_own_cluster_in_dotenv_is_not_somebodys_server() -> None:
    ours = {
        "DATABASE_URL": "postgres://clinic_app:a@127.0.0.1:15500/rowan",
        "ADMIN_DATABASE_URL": ADMIN_URL,
    }
    assert env.chosen_server({}, ours) is None
    assert env.chosen_server({}, {}) is None


def test_the_real_environment_goes_before_dotenv() -> None:
    other = {name: url.replace("live", "other") for name, url in ELSEWHERE.items()}
    assert env.chosen_server(ELSEWHERE, other) == ELSEWHERE
    assert env.chosen_server({}, other) == other


@pytest.mark.parametrize("missing", env.URLS)
def test_two_addresses_of_three_are_refused_by_name(missing: str) -> None:
    given = {name: url for name, url in ELSEWHERE.items() if name != missing}
    with pytest.raises(SetupError, match=f"but not {missing}"):
        env.chosen_server(given, {})


def test_addresses_are_never_mixed_from_two_places() -> None:
    with pytest.raises(SetupError, match="not MIGRATION_DATABASE_URL and ADMIN_DATABASE_URL"):
        env.chosen_server({"DATABASE_URL": ELSEWHERE["DATABASE_URL"]}, ELSEWHERE)


def test_another_database_of_the_same_server() -> None:
    url = env.with_database(ELSEWHERE["DATABASE_URL"], "rowan_test")
    assert url == "postgres://clinic_app:a@db.example:5432/rowan_test"
