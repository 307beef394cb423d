"""What guards rights: routines, grants, roles, settings; and what somebody might add."""

from tests.sql.families import TABLE, Family

OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
ROUTINE = """
  select p.*, p.oid::regprocedure::text as call,
    case p.prokind when 'p' then 'procedure ' else 'function ' end || n.nspname || '.' || p.proname
      || '(' || oidvectortypes(p.proargtypes) || ')' as identity
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not exists (
    select from pg_depend d
    where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
"""
SITE_ROLE = "select oid, rolname from pg_roles where pg_has_role('clinic_app', oid, 'member')"

RIGHTS = (
    Family(
        "routine edited",
        ("functions",),
        f"""
        select regexp_replace(pg_get_functiondef(oid), '(\\$(function|procedure)\\$)\\s*$',
          E'\\n-- edited\\n\\\\1'), identity
        from ({ROUTINE}) f
        """,
    ),
    Family(
        "definer unpinned",
        ("functions",),
        f"""
        select format('alter routine %s reset search_path', call), identity
        from ({ROUTINE}) f where prosecdef
        """,
    ),
    Family(
        "definer can be hijacked",
        ("functions",),
        f"""
        select format('alter routine %s set search_path to clinic', call), identity
        from ({ROUTINE}) f where prosecdef
        """,
    ),
    Family(
        "definer of the owner",
        ("functions",),
        f"""
        select format('alter routine %s owner to clinic_owner', call), identity
        from ({ROUTINE}) f where prosecdef and proowner <> 'clinic_owner'::regrole
        """,
    ),
    Family(
        "security turned over",
        ("functions",),
        f"""
        select format('alter routine %s security %s', call,
          case when prosecdef then 'invoker' else 'definer' end), identity
        from ({ROUTINE}) f
        """,
    ),
    Family(
        "volatility changed",
        ("functions",),
        f"""
        select format('alter function %s %s', call,
          case when provolatile = 'v' then 'stable' else 'volatile' end), identity
        from ({ROUTINE}) f where prokind = 'f'
        """,
    ),
    Family(
        "routine for everyone",
        ("routine grants",),
        f"""
        select format('grant execute on routine %s to public', call), identity from ({ROUTINE}) f
        """,
    ),
    Family(
        "execute revoked",
        ("routine grants",),
        f"""
        select format('revoke execute on routine %s from %s', call, g.grantee::regrole), identity
        from ({ROUTINE}) f cross join lateral aclexplode(proacl) g where g.grantee <> f.proowner
        """,
    ),
    Family(
        "table right granted",
        ("relation grants",),
        f"""
        select format('grant %s on %s to %I', p.name, t.name, r.rolname), 'table ' || t.name
        from ({TABLE}) t
        cross join unnest('{{select,insert,update,delete,truncate,trigger}}'::text[]) p(name)
        cross join (values ('clinic_app'), ('clinic_staff'), ('public')) r(rolname)
        where r.rolname = 'public' or not has_table_privilege(r.rolname, t.oid, p.name)
        """,
    ),
    Family(
        "table right revoked",
        ("relation grants",),
        f"""
        select format('revoke %s on %s from %s', g.privilege_type, t.name, g.grantee::regrole),
          'table ' || t.name
        from ({TABLE}) t cross join lateral aclexplode(t.relacl) g where g.grantee <> t.relowner
        """,
    ),
    Family(
        "column opened",
        ("column grants",),
        f"""
        select format('grant %s on %s to %I',
            string_agg(format('%s (%I)', p.name, a.attname), ', '), t.name, s.rolname),
          array_agg('column ' || t.name || '.' || a.attname)
        from ({TABLE}) t
        join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        cross join unnest('{{select,update}}'::text[]) p(name)
        cross join ({SITE_ROLE}) s
        where not has_column_privilege(s.oid, t.oid, a.attnum, p.name)
        group by t.name, s.rolname, p.name
        """,
    ),
    Family(
        "column right revoked",
        ("column grants",),
        f"""
        select format('revoke %s on %s from %s',
            string_agg(format('%s (%I)', g.privilege_type, a.attname), ', '), t.name,
            g.grantee::regrole),
          array_agg('column ' || t.name || '.' || a.attname)
        from ({TABLE}) t join pg_attribute a on a.attrelid = t.oid
        cross join lateral aclexplode(a.attacl) g
        group by t.name, g.grantee, g.privilege_type
        """,
    ),
    Family(
        "sequence opened",
        ("relation grants",),
        f"""
        select format('grant usage on sequence %s to clinic_staff', c.oid::regclass),
          'sequence ' || c.oid::regclass
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'S' and {OURS}
        """,
    ),
    Family(
        "schema opened",
        ("other grants",),
        f"""
        select format('grant create on schema %I to clinic_app', n.nspname), 'schema ' || n.nspname
        from pg_namespace n where {OURS}
        """,
    ),
    Family(
        "born open",
        ("other grants",),
        """
        select format('alter default privileges for role clinic_owner grant %s to public', what),
          'default privileges of clinic_owner on ' || kind
        from (values ('execute on functions', 'functions'), ('usage on types', 'types'),
          ('select on tables', 'tables'), ('usage on sequences', 'sequences')) v(what, kind)
        """,
    ),
    Family(
        "database opened",
        ("database",),
        """
        select format('grant %s on database %I to %s', p, current_database(), r), 'database'
        from unnest('{temporary,create,connect}'::text[]) p,
          unnest('{public,clinic_staff}'::text[]) r
        """,
    ),
    Family(
        "enum grown",
        ("types",),
        """
        select format('alter type %s add value %L', t.oid::regtype, 'more'),
          'enum ' || t.oid::regtype
        from pg_type t where t.typtype = 'e'
        """,
    ),
    Family(
        "role raised",
        ("roles",),
        """
        select format('alter role %I %s', r.rolname, a), 'role ' || r.rolname
        from pg_roles r,
          unnest('{superuser,bypassrls,createrole,createdb,replication}'::text[]) a
        where starts_with(r.rolname, 'clinic_')
        """,
    ),
    Family(
        "role joined",
        ("memberships",),
        """
        select format('grant %I to %I', g.rolname, m.rolname),
          format('membership of %s in %s', m.rolname, g.rolname)
        from pg_roles g, pg_roles m
        where m.rolname in ('clinic_app', 'clinic_staff')
          and g.rolname in ('clinic_owner', 'clinic_definer', 'clinic_authenticator',
            'clinic_auditor', 'clinic_booker', 'clinic_sealer', 'clinic_archivist',
            'pg_read_all_data', 'pg_write_all_data',
            'pg_read_server_files', 'pg_execute_server_program')
        """,
    ),
    Family(
        "role left",
        ("memberships",),
        """
        select format('revoke %s from %s', roleid::regrole, member::regrole),
          format('membership of %s in %s', member::regrole, roleid::regrole)
        from pg_auth_members
        where starts_with(member::regrole::text, 'clinic_')
        """,
    ),
    Family(
        "setting changed",
        ("settings",),
        """
        select format('alter role clinic_app %s set %s', place, change),
          format('setting %s of clinic_app%s', name, shown)
        from (values ('search_path', 'search_path to public'),
          ('statement_timeout', 'statement_timeout to 0'), ('row_security', 'row_security to off'),
          ('session_replication_role', 'session_replication_role to replica'),
          ('plan_cache_mode', 'plan_cache_mode to force_generic_plan')) c(name, change),
          (values ('', ''), (format('in database %I', current_database()), ' in this database')
          ) p(place, shown)
        """,
    ),
    Family(
        "parameter opened",
        ("other grants",),
        """
        select 'grant set on parameter session_replication_role to clinic_app',
          'parameter session_replication_role'
        """,
    ),
    Family(
        "system opened",
        ("system grants",),
        """
        select * from (values
          ('grant execute on function lo_create(oid) to public', 'system function lo_create(oid)'),
          ('grant execute on function pg_read_file(text) to clinic_app',
           'system function pg_read_file(text)'),
          ('grant select on pg_authid to clinic_app', 'system table pg_authid'),
          ('grant select (rolpassword) on pg_authid to clinic_app',
           'system column pg_authid.rolpassword')
        ) v(statement, identity)
        """,
    ),
    Family(
        "something added",
        ("relations", "functions", "types", "others", "schemas", "indexes"),
        """
        select * from (values
          ('create schema more', 'schema more'),
          ('create table clinic.more (id int)', 'table clinic.more'),
          ('create view clinic.more as select 1', 'view clinic.more'),
          ('create materialized view clinic.more as select 1', 'materialized view clinic.more'),
          ('create sequence clinic.more', 'sequence clinic.more'),
          ('create index more on clinic.patients (notes)', 'index clinic.more'),
          ('create type clinic.more as enum ()', 'enum clinic.more'),
          ('create domain clinic.more as text', 'domain clinic.more'),
          ('create type clinic.more as (a int)', 'type clinic.more'),
          ('create function clinic.more() returns int language sql as ''select 1''',
           'function clinic.more()'),
          ('create function clinic.calculate_bmi(text) returns int language sql as ''select 1''',
           'function clinic.calculate_bmi(text)'),
          ('create cast (clinic.patients as text) with inout',
           'cast (clinic.patients AS pg_catalog.text)'),
          ('create operator public.=== (leftarg = int, rightarg = int, function = int4eq)',
           'operator public.===(integer,integer)'),
          ('create publication more for all tables', 'publication more'),
          ('create statistics clinic.more on role, is_active from clinic.users',
           'statistics object clinic.more')
        ) v(statement, identity)
        """,
    ),
)
