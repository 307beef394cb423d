"""Keeps app.context_keys in step with CONTEXT_SIGNING_KEYS."""

from django.db import connections

from clinic.tenancy.signing import pads, signing_keys


def sync_context_keys(using: str = "owner") -> None:
    """Insert the keys of the environment and drop those that are gone from it.

    Takes effect for transactions that begin afterwards: to rotate, put the new key first and keep
    the old one until every process has restarted.
    """
    keys = {key_id: pads(key) for key_id, key in signing_keys().items()}
    with connections[using].cursor() as cursor:
        cursor.execute("delete from app.context_keys where not id = any(%s)", [list(keys)])
        cursor.executemany(
            "insert into app.context_keys (id, inner_pad, outer_pad) values (%s, %s, %s)"
            " on conflict (id) do update set inner_pad = excluded.inner_pad,"
            " outer_pad = excluded.outer_pad",
            [(key_id, inner, outer) for key_id, (inner, outer) in keys.items()],
        )
