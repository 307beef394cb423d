"""What time asks of the audit trail: room for months to come, proof that it is whole, an end."""

import datetime as dt
import logging
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate import Blueprint

from audit.chain import broken, chains, differs, read_anchors, write_anchor
from clinic.tenancy.context import NO_CLINIC, tenant_context

MONTHS = 3
logger = logging.getLogger(__name__)
tasks = Blueprint()


class ChainBrokenError(Exception):
    """A chain of the trail is not what was sealed."""


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


@tasks.periodic(cron="20 2 * * *")
@tasks.task(name="verify_chains", queueing_lock="verify_chains")
def verify_chains(timestamp: int) -> None:
    """Every chain, against the file of anchors too; what is broken fails the job and is logged."""
    anchors = read_anchors(Path(file)) if (file := settings.AUDIT_ANCHOR_FILE) else []
    wrong = [
        f"{chain.name}: {item}"
        for chain in chains()
        for item in [*broken(clinic_id=chain.clinic_id), *differs(anchors, chain.clinic_id)]
    ]
    if wrong:
        logger.error("the audit trail is not what was sealed: %s", "; ".join(wrong[:20]))
        raise ChainBrokenError(f"{len(wrong)} broken, the first: {wrong[0]}")


@tasks.periodic(cron="50 * * * *")
@tasks.task(name="anchor", queueing_lock="anchor", retry=5)
def anchor(timestamp: int) -> None:
    """The signed ends of all chains, to the file that AUDIT_ANCHOR_FILE names."""
    if settings.AUDIT_ANCHOR_FILE:
        write_anchor(Path(settings.AUDIT_ANCHOR_FILE))


@tasks.periodic(cron="20 3 2 * *")
@tasks.task(name="prune_trail", queueing_lock="prune_trail")
def prune_trail(timestamp: int) -> None:
    """Months older than AUDIT_KEEP_YEARS; none when that is 0."""
    if settings.AUDIT_KEEP_YEARS:
        prune(before=years_ago(settings.AUDIT_KEEP_YEARS))


def years_ago(years: int) -> dt.datetime:
    """The first day of this month, so many years back."""
    today = timezone.now().astimezone(dt.UTC)
    return dt.datetime(today.year - years, today.month, 1, tzinfo=dt.UTC)


def prune(*, before: dt.datetime) -> int:
    """Drop the sealed months of the trail before that of a time, six years back at least.

    Returns how many months. Raises DataError for a younger time, OperationalError while an entry
    of these months is not sealed.
    """
    context = tenant_context(clinic=NO_CLINIC, role="worker", reason="Retention")
    with context, connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = 0")
        cursor.execute("select audit.prune(%s)", [before])
        return int(cursor.fetchone()[0])
