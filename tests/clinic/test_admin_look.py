"""The admin wears the colours of the front desk, and nothing that the CSP would refuse."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TOKEN = re.compile(r"(--[\w-]+):\s*(light-dark\([^)]*\))")


def tokens(name: str) -> dict[str, str]:
    return dict(TOKEN.findall((ROOT / "static/css" / name).read_text()))


def test_one_palette() -> None:
    admin, front_desk = tokens("admin.css"), tokens("app.css")
    assert len(admin) > 20
    assert admin == {name: front_desk[name] for name in admin}


def test_templates_hold_no_script_and_no_style() -> None:
    files = list((ROOT / "templates/admin").rglob("*.html"))
    assert len(files) > 8
    for file in files:
        text = file.read_text()
        assert not re.search(
            r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)|javascript:", text
        ), file
