"""What time asks of the clinic app: forgetting who was signed in."""

from procrastinate import Blueprint

from clinic.sessions import SessionStore

tasks = Blueprint()


@tasks.periodic(cron="40 1 * * *")
@tasks.task(name="purge_sessions", queueing_lock="purge_sessions", retry=5)
def purge_sessions(timestamp: int) -> None:
    """Expired sessions, and failed logins that no longer count."""
    SessionStore.clear_expired()
