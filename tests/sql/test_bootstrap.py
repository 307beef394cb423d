"""What bootstrap promises beyond what the catalogue shows."""

from clinic.bootstrap import create_database


def test_a_database_that_is_there_is_kept(admin_url: str, database: str) -> None:
    assert create_database(admin_url, database) is False
