"""The lines that a person reads."""

import errno
from pathlib import Path

from tools import console, demo, prepare, stamps
from tools import test as suite


def test_ornaments_only_where_the_terminal_has_them() -> None:
    assert console.plain("✓ migrate … 2.0 s", "utf-8") == "✓ migrate … 2.0 s"
    assert console.plain("✓ migrate … 2.0 s", "ANSI_X3.4-1968") == "ok migrate ... 2.0 s"
    assert console.plain("✗ Müller", None) == "-- M?ller"


def test_operating_system_errors_are_plain() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/x")
    assert console.os_trouble(full) == console.DISK_FULL
    refused = PermissionError(errno.EACCES, "Permission denied", "/x/.venv")
    assert console.os_trouble(refused) == "/x/.venv: Permission denied."


def test_a_taken_port_comes_with_another() -> None:
    assert demo.port_taken(8000).endswith("make demo PORT=8001")
    assert demo.port_taken(65535).endswith("make demo PORT=65534")


def test_missing_programs_are_named_by_their_packages(tmp_path: Path) -> None:
    (tmp_path / "chromium-browser").touch()
    (tmp_path / "chromium-browser").chmod(0o755)
    assert "chromium-headless-shell" not in suite.missing_packages(str(tmp_path))
    assert "chromium-headless-shell" in suite.missing_packages("/nowhere")


def test_nothing_of_the_developers_settings_reaches_a_test() -> None:
    environ = {"PATH": "/bin", "SECRET_KEY": "mine", "DATABASE_POOL": "no", "ROWAN_POSTGRES": "x"}
    isolated = prepare.isolated({"SECRET_KEY": "test"}, environ)
    assert isolated == {
        "PATH": "/bin",
        "ROWAN_POSTGRES": "x",
        "SECRET_KEY": "test",
        "ENV_FILE": "/dev/null",
    }


def test_a_stamp_holds_until_a_file_or_a_word_changes(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("select 1")
    before = stamps.fingerprint(tmp_path, ["*.sql"], "word")
    stamps.put(tmp_path / "stamp", before)
    assert stamps.is_current(tmp_path / "stamp", stamps.fingerprint(tmp_path, ["*.sql"], "word"))
    assert stamps.fingerprint(tmp_path, ["*.sql"], "other") != before
    (tmp_path / "a.sql").write_text("select 2")
    assert not stamps.is_current(
        tmp_path / "stamp", stamps.fingerprint(tmp_path, ["*.sql"], "word")
    )
    assert not stamps.is_current(tmp_path / "none", before)
