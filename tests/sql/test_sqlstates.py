"""Our SQLSTATEs: the SQL that raises them, the classes that name them, the list for readers."""

import re

from clinic.errors import BY_SQLSTATE
from config.sqlfiles import SQL_DIR

OURS = re.compile(r"^RW\d{3}$")


def raised() -> set[str]:
    """Every code of ours after errcode in sql/."""
    texts = (path.read_text(encoding="utf-8") for path in SQL_DIR.rglob("*.sql"))
    return {code for text in texts for code in re.findall(r"errcode = '(RW\w*)'", text)}


def listed() -> dict[str, str]:
    """{code: class} of the table in sql/README.md."""
    rows = re.findall(r"^\| `(RW\d{3})` \| `(\w+)` \|", (SQL_DIR / "README.md").read_text(), re.M)
    return dict(rows)


def test_sql_classes_and_list_are_equal() -> None:
    classes = {code: error.__name__ for code, error in BY_SQLSTATE.items() if OURS.match(code)}
    assert listed() == classes
    assert raised() == classes.keys()


def test_comments_name_no_other_code() -> None:
    texts = (path.read_text(encoding="utf-8") for path in SQL_DIR.rglob("*.sql"))
    named = {code for text in texts for code in re.findall(r"\bRW\d+\b", text)}
    assert named == raised()
