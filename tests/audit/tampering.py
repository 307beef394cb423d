"""What a superuser may do to a trail. Each kind happens at a place, and says where it must show.

A kind is a function of (connection, chain, position) -> positions and entries, one of which must be
named. Those of REWRITES leave a chain that is whole in itself: only an anchor shows them.
"""

from collections.abc import Callable
from typing import Any

from tests.audit.chains import Sealed

Located = set[tuple[str, int]]
Kind = Callable[[Any, Sealed, int], Located]
LOGS = "audit.audit_logs"


def entry(chain: Sealed, position: int) -> Located:
    return {("entry", chain.entry(position))}


def seal(position: int) -> Located:
    return {("seal", position)}


def edited(sql: Any, chain: Sealed, at: int) -> Located:
    sql.execute(f"update {LOGS} set user_id = gen_random_uuid() where id = %s", [chain.entry(at)])
    return entry(chain, at)


def deleted(sql: Any, chain: Sealed, at: int) -> Located:
    sql.execute(f"delete from {LOGS} where id = %s", [chain.entry(at)])
    return entry(chain, at)


def deleted_with_its_seal(sql: Any, chain: Sealed, at: int) -> Located:
    deleted(sql, chain, at)
    return unsealed(sql, chain, at)


def tail_cut(sql: Any, chain: Sealed, at: int) -> Located:
    cut(sql, chain, at)
    return seal(at)


def cut(sql: Any, chain: Sealed, at: int, side: str = ">=") -> None:
    """Entries and seals from a place on."""
    sql.execute(f"delete from {LOGS} where id = any(%s)", [ids(sql, chain, at, side)])
    sql.execute(
        f"delete from audit.seals where clinic_id = %s and position {side} %s", [chain.clinic, at]
    )


def ids(sql: Any, chain: Sealed, at: int, side: str) -> list[int]:
    query = f"select entry_id from audit.seals where clinic_id = %s and position {side} %s"
    return [row[0] for row in sql.execute(query, [chain.clinic, at])]


def head_cut(sql: Any, chain: Sealed, at: int) -> Located:
    cut(sql, chain, at, "<")
    return seal(1)


def swapped(sql: Any, chain: Sealed, at: int) -> Located:
    a, b = chain.entry(at), chain.entry(at + 1)
    sql.execute(
        f"update {LOGS} x set new_values = y.new_values, record_id = y.record_id from {LOGS} y"
        " where (x.id, y.id) in ((%s, %s), (%s, %s))", [a, b, b, a],
    )  # fmt: skip
    return entry(chain, at)


def copied(sql: Any, chain: Sealed, at: int, number: int = 0, later: str = "1 us") -> Located:
    """The same entry once more: with its own number a moment later, or with a free number."""
    sql.execute(
        f"insert into {LOGS} (id, table_schema, table_name, record_id, action, new_values,"
        " clinic_id, created_at) overriding system value select id + %s, table_schema, table_name,"
        " record_id, action, new_values, clinic_id, created_at + %s::interval"
        f" from {LOGS} where id = %s", [number, later, chain.entry(at)],
    )  # fmt: skip
    return {("entry", chain.entry(at) + number)}


def put_between(sql: Any, chain: Sealed, at: int) -> Located:
    return copied(sql, chain, at, number=1)


def dated_back(sql: Any, chain: Sealed, at: int) -> Located:
    sql.execute(
        f"update {LOGS} set created_at = created_at - interval '1 s' where id = %s",
        [chain.entry(at)],
    )
    return entry(chain, at)


def moved_to_another_clinic(sql: Any, chain: Sealed, at: int) -> Located:
    sql.execute(f"update {LOGS} set clinic_id = gen_random_uuid() where id = %s", [chain.entry(at)])
    return entry(chain, at)


def seal_changed(sql: Any, chain: Sealed, at: int) -> Located:
    set_seal(sql, chain, at, "hash = sha256(hash)")
    return seal(at)


def set_seal(sql: Any, chain: Sealed, at: int, what: str) -> None:
    sql.execute(
        f"update audit.seals set {what} where clinic_id = %s and position = %s", [chain.clinic, at]
    )


def sealed_anew(sql: Any, chain: Sealed, at: int) -> Located:
    """An entry and its own seal, but not the ones after it."""
    edited(sql, chain, at)
    recompute(sql, chain, at, at)
    return seal(at + 1)


def unsealed(sql: Any, chain: Sealed, at: int) -> Located:
    sql.execute(
        "delete from audit.seals where clinic_id = %s and position = %s", [chain.clinic, at]
    )
    return seal(at)


def reordered(sql: Any, chain: Sealed, at: int) -> Located:
    for old, new in ((at, -1), (at + 1, at), (-1, at + 1)):
        set_seal(sql, chain, old, f"position = {new}")
    return seal(at)


def forked(sql: Any, chain: Sealed, at: int) -> Located:
    sql.execute("alter table audit.seals drop constraint seals_pkey, drop constraint seals_entry")
    sql.execute(
        "insert into audit.seals select clinic_id, position, entry_id + 1, entry_at, digest,"
        " sha256(hash), sealed_at from audit.seals where clinic_id = %s and position = %s",
        [chain.clinic, at],
    )
    return seal(at)


def older_copy(sql: Any, chain: Sealed, at: int) -> Located:
    """The entries of a backup: later ones are gone, seals and heads are not."""
    sql.execute(f"delete from {LOGS} where id = any(%s)", [ids(sql, chain, at, ">=")])
    return entry(chain, at)


def pruned_by_nobody(sql: Any, chain: Sealed, at: int) -> Located:
    """A beginning is gone, with a segment that says so but that audit.prune never wrote."""
    sql.execute("alter table audit.segments disable trigger user")
    sql.execute(
        "insert into audit.segments (clinic_id, position, hash, entries, entries_before)"
        " select clinic_id, position, hash, position, entry_at + interval '1 us' from audit.seals"
        " where clinic_id = %s and position = %s", [chain.clinic, at],
    )  # fmt: skip
    cut(sql, chain, at, "<=")
    return seal(at)


KINDS: tuple[Kind, ...] = (
    edited, deleted, deleted_with_its_seal, tail_cut, head_cut, swapped, copied, put_between,
    dated_back, moved_to_another_clinic, seal_changed, sealed_anew, unsealed, reordered, forked,
    older_copy, pruned_by_nobody,
)  # fmt: skip


# --- what leaves a chain that is whole in itself ------------------------------------------------


def recompute(sql: Any, chain: Sealed, first: int, last: int) -> None:
    """Seal again, in place, from what the entries say now."""
    for position in range(first, last + 1):
        sql.execute(
            "update audit.seals s set digest = e.digest, entry_at = e.created_at,"
            " hash = audit.link("
            " (select p.hash from audit.seals p where p.clinic_id = s.clinic_id"
            " and p.position = s.position - 1), s.clinic_id, s.position, s.entry_id, e.created_at,"
            " e.digest) from audit.entries e where e.id = s.entry_id and s.clinic_id = %s"
            " and s.position = %s", [chain.clinic, position],
        )  # fmt: skip


def end_at(sql: Any, chain: Sealed, position: int) -> None:
    """Make the head agree with the seal at a place."""
    sql.execute(
        "update audit.chains c set position = s.position, hash = s.hash from audit.seals s"
        " where s.clinic_id = c.clinic_id and c.clinic_id = %s and s.position = %s",
        [chain.clinic, position],
    )


def rewritten(sql: Any, chain: Sealed, at: int) -> None:
    """An entry edited and every hash recomputed, the head too."""
    edited(sql, chain, at)
    recompute(sql, chain, at, len(chain))
    end_at(sql, chain, len(chain))


def cut_with_its_head(sql: Any, chain: Sealed, at: int) -> None:
    """An older copy of everything: entries, seals and heads."""
    cut(sql, chain, at)
    end_at(sql, chain, at - 1)


def shortened(sql: Any, chain: Sealed, at: int) -> None:
    """One entry taken out and the rest moved up and sealed again."""
    gone = chain.entry(at)
    deleted_with_its_seal(sql, chain, at)
    sql.execute(
        "update audit.seals set position = -position where clinic_id = %s and position > %s",
        [chain.clinic, at],
    )
    sql.execute(
        "update audit.seals set position = -position - 1 where clinic_id = %s and position < 0",
        [chain.clinic],
    )
    recompute(sql, chain, at, len(chain) - 1)
    end_at(sql, chain, len(chain) - 1)
    assert gone not in ids(sql, chain, 0, ">")


REWRITES = (rewritten, cut_with_its_head, shortened)
