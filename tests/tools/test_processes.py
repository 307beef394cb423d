"""Locks, leftovers, and what a failing command tells."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.console import DISK_FULL, SetupError
from tools.paths import ROOT, VENV
from tools.processes import command_of, end_leftovers, last_words, only_one, run_logged


def test_a_second_one_is_refused_with_the_id_of_the_first(tmp_path: Path) -> None:
    with (
        only_one("make demo", "Stop it first.", tmp_path),
        pytest.raises(SetupError, match=rf"make demo already runs here \(process {os.getpid()}\)"),
        only_one("make demo", "Stop it first.", tmp_path),
    ):
        raise AssertionError("two at once")


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    holder = (
        "from pathlib import Path; from tools.processes import only_one; import os\n"
        f"with only_one('make demo', '', Path({str(tmp_path)!r})): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", holder], cwd=ROOT).returncode == 9
    with only_one("make demo", "", tmp_path):
        assert (tmp_path / "demo.lock").read_text() == str(os.getpid())


def test_a_failure_shows_its_last_line_and_where_the_rest_is() -> None:
    script = "print('first'); print('the reason'); raise SystemExit(3)"
    with pytest.raises(SetupError) as caught:
        run_logged("tried command", [sys.executable, "-c", script])
    assert str(caught.value) == (
        "tried command failed: the reason\nAll it said is in .local/log/tried-command.log."
    )


def test_a_full_disk_is_told_as_such() -> None:
    script = "raise OSError(28, 'No space left on device')"
    with pytest.raises(SetupError) as caught:
        run_logged("tried full", [sys.executable, "-c", script])
    assert str(caught.value) == DISK_FULL


def test_the_last_words_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert last_words(log) == ""
    log.write_text("first\nlast\n\n")
    assert last_words(log) == "last"


def test_a_process_is_known_by_its_command() -> None:
    assert "python" in command_of(os.getpid())
    assert command_of(2**22 + 1) == ""


def test_another_programs_id_is_not_a_leftover(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        pids.write_text(f"{sleeper.pid}\n")
        end_leftovers(pids)
        assert sleeper.poll() is None
        assert not pids.exists()
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_leftover_of_ours_is_ended(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    mark = str(VENV)
    script = f"import time; {mark!r}; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    pids.write_text(f"{child.pid}\n")
    while mark not in command_of(child.pid):  # the kernel shows it a moment after the start
        time.sleep(0.01)
    started = time.monotonic()
    end_leftovers(pids)
    assert child.wait(5) != 0
    assert time.monotonic() - started < 25


def test_the_next_holder_ends_what_a_killed_one_left(tmp_path: Path) -> None:
    script = f"import time; {str(VENV)!r}; time.sleep(60)"
    holder = (
        "import os, subprocess, sys; from pathlib import Path\n"
        "from tools.processes import note, only_one\n"
        f"with only_one('make demo', '', Path({str(tmp_path)!r})):\n"
        f"    note(subprocess.Popen([sys.executable, '-c', {script!r}]).pid); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", holder], cwd=ROOT)
    child = int((tmp_path / "demo.pids").read_text())
    while str(VENV) not in command_of(child):
        time.sleep(0.01)
    with only_one("make demo", "", tmp_path):
        assert command_of(child) == ""
    assert not (tmp_path / "demo.pids").exists()
