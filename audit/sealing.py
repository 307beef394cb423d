"""Sealing the trail just after it is written; verifying is in audit/chain.py.

The work is audit.seal's (sql/audit/functions): here it is asked again and again. It needs no
context, and any number of sealers may run: one works, the others find it locked.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

from django.db import Error, connection

from clinic.errors import in_short
from clinic.tenancy.door import at_the_door

logger = logging.getLogger(__name__)
BATCH = 5000
PAUSE_SECONDS = 1.0
# After an error: a database that restarts is not asked each second.
ERROR_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What waits for the sealer: entries (counted up to 100,000) and the time of the oldest."""

    entries: int
    oldest: datetime | None


def seal(limit: int = BATCH) -> int:
    """Seal at most limit entries in a transaction of their own.

    Returns how many, -1 while another sealer is at it. Call it outside of a transaction.
    """
    ((sealed,),) = at_the_door("audit.seal", limit)
    return int(sealed)


def seal_all() -> int:
    """Seal until nothing waits; returns how many entries this took."""
    total = 0
    while (sealed := seal()) > 0:
        total += sealed
    return total


def unsealed() -> Unsealed:
    """What waits, of all clinics together. Call it outside of a transaction."""
    return Unsealed(*at_the_door("audit.unsealed")[0])


def unsealed_here() -> Unsealed:
    """What waits of the clinic that this is asked in."""
    with connection.cursor() as cursor:
        cursor.execute("select entries, oldest from audit.unsealed_here()")
        return Unsealed(*cursor.fetchone())


def keep_sealing(stop: threading.Event) -> None:
    """Seal each second until stop is set. An error is logged and tried again later."""
    while not stop.is_set():
        pause = PAUSE_SECONDS
        try:
            seal_all()
        except Error as error:
            logger.warning("sealing failed, trying again: %s", in_short(error))
            connection.close()
            pause = ERROR_SECONDS
        stop.wait(pause)
    connection.close()
