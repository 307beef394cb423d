-- What one database of Rowan needs from an administrator: extensions, and no right for PUBLIC.
-- A copy of a database (template, dump without -C) loses its ACL: run this again on the copy.
create extension if not exists pgcrypto schema public;
create extension if not exists citext schema public;
create extension if not exists pg_trgm schema public;
create extension if not exists unaccent schema public;
create extension if not exists btree_gist schema public;
create extension if not exists btree_gin schema public;
create extension if not exists hstore schema public;

do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to clinic_app, clinic_migrator', current_database());
  execute format('grant create on database %I to clinic_owner', current_database());
end
$$;

revoke all on schema public from public;
grant usage on schema public to public;
grant usage, create on schema public to clinic_owner;

-- Large objects know no row-level security and outlive whoever made them: nobody makes one.
revoke execute on function pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid),
  pg_catalog.lo_from_bytea(oid, bytea) from public;
