"""A family of mutations, and what its queries are made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    name: str
    kinds: tuple[str, ...]
    query: str


TABLE = """
  select c.*, c.oid::regclass::text as name from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""
