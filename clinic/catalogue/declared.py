"""The declared state: sql/catalogue.txt, generated from a database that migrate made.

An object is a line; each of its attributes is a line below it, indented by two spaces.
"""

from pathlib import Path

from clinic.catalogue.live import Catalogue
from clinic.catalogue.months import collapse
from config.sqlfiles import SQL_DIR

PATH = SQL_DIR / "catalogue.txt"
HEAD = """\
# What a database of Rowan holds when every migration is applied. Generated: after a change of
# migrations or of sql/, `python manage.py checksql --write` writes it anew from a database that
# was migrated from nothing, and the difference is reviewed with the change.
"""


def render(objects: Catalogue) -> str:
    """The text of sql/catalogue.txt for a catalogue."""
    lines = []
    for identity, attributes in sorted(objects.items()):
        lines.append(identity)
        lines += [f"  {name}: {escape(text)}" for name, text in sorted(attributes.items())]
    return HEAD + "\n".join(lines) + "\n"


def parse(text: str) -> Catalogue:
    """The catalogue that a text of render() tells of."""
    objects: Catalogue = {}
    attributes: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            attributes[name] = unescape(value)
        elif line and not line.startswith("#"):
            attributes = objects[line] = {}
    return objects


def escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def unescape(text: str) -> str:
    return "\\".join(part.replace("\\n", "\n") for part in text.split("\\\\"))


def declared() -> Catalogue:
    """What sql/catalogue.txt declares."""
    return parse(PATH.read_text(encoding="utf-8"))


def write_declared(live: Catalogue) -> Path:
    """Make the live catalogue the declared one. Raises ValueError when partitions differ."""
    PATH.write_text(render(collapse(live)), encoding="utf-8")
    return PATH
