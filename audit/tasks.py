"""What time asks of the audit trail: room for the months to come."""

from django.db import connection, transaction
from procrastinate import Blueprint

MONTHS = 3
tasks = Blueprint()


def ensure_partitions(*, months: int) -> int:
    """Make the missing partitions up to so many months ahead (0 to 60); returns how many are new.

    The trail is everybody's, so this enters no clinic. Raises DataError for other months.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local role clinic_worker")
        cursor.execute("select audit.ensure_partitions(%s)", [months])
        return int(cursor.fetchone()[0])


@tasks.periodic(cron="20 1 * * *")
@tasks.task(name="ensure_partitions", queueing_lock="ensure_partitions", retry=5)
def ensure_partitions_daily(timestamp: int) -> None:
    ensure_partitions(months=MONTHS)
