"""What time asks of the clinic app: forgetting who was signed in, unlocking after a crash."""

from procrastinate import Blueprint

from clinic.encryption.keyring import unlock_all
from clinic.sessions import SessionStore

tasks = Blueprint()


@tasks.periodic(cron="40 1 * * *")
@tasks.task(name="purge_sessions", queueing_lock="purge_sessions", retry=5)
def purge_sessions(timestamp: int) -> None:
    """Expired sessions, and failed logins that no longer count."""
    SessionStore.clear_expired()


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="unlock_keys", queueing_lock="unlock_keys", retry=5)
def unlock_keys(timestamp: int) -> None:
    """Keys of clinics that the database has lost since it was started; mostly none."""
    unlock_all()
