"""Lints of rights: who owns, who may call, what nobody may."""

from clinic.catalogue.lint import Lint

RIGHTS = (
    Lint(
        "definers are pinned",
        "a SECURITY DEFINER routine pins search_path, and pg_temp comes last in it",
        """
        select name from routine
        where prosecdef and not exists (
          select from unnest(proconfig) s(line)
          where s.line ~ '^search_path=' and s.line ~ '[ =]pg_temp$'
            and s.line !~ 'pg_temp.*pg_temp' and s.line !~ '\\$user')
        """,
    ),
    Lint(
        "definers are not for PUBLIC",
        "a SECURITY DEFINER routine is executed by those whom it was granted to",
        """
        select r.name from routine r
        cross join lateral aclexplode(coalesce(r.proacl, acldefault('f', r.proowner))) g
        where r.prosecdef and g.grantee = 0
        """,
    ),
    Lint(
        "definers have narrow owners",
        "a SECURITY DEFINER routine runs as a role that may do little, never as the tables' owner",
        """
        select name from routine
        where prosecdef and proowner not in (select oid from narrow_role)
        """,
        {
            "audit.ensure_partitions(integer)": "only the owner of a table adds partitions to it",
            "audit.prune(timestamp with time zone)": "only the owner of a table drops partitions",
        },
    ),
    Lint(
        "narrow roles stay narrow",
        "a role that owns definers has no login, no attribute and no member but the owner",
        """
        select r.rolname from pg_roles r join narrow_role n on n.oid = r.oid
        where r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb
          or r.rolreplication
          or exists (select from pg_auth_members m where m.member = r.oid)
          or exists (
            select from pg_auth_members m join pg_roles x on x.oid = m.member
            where m.roleid = r.oid and x.rolname <> 'clinic_owner' and not x.rolsuper)
        """,
    ),
    Lint(
        "narrow roles own routines only",
        "a role that owns definers owns no table, type or schema",
        """
        select c.name from relation c join narrow_role n on n.oid = c.relowner
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all select nspname from pg_namespace s join narrow_role n on n.oid = s.nspowner
        union all
        select t.oid::regtype::text from pg_type t join narrow_role n on n.oid = t.typowner
        where t.typrelid = 0 and t.typelem = 0
        """,
    ),
    Lint(
        "the site owns nothing",
        "no role that the site's login can become owns anything",
        """
        select c.name from relation c join app_role r on r.oid = c.relowner
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all select f.name from routine f join app_role r on r.oid = f.proowner
        union all select nspname from pg_namespace s join app_role r on r.oid = s.nspowner
        union all
        select t.oid::regtype::text from pg_type t join app_role r on r.oid = t.typowner
        where t.typrelid = 0 and t.typelem = 0
        union all select d.datname from pg_database d join app_role r on r.oid = d.datdba
        """,
    ),
    Lint(
        "the site is bound",
        "no role that the site's login can become is above row-level security or makes roles",
        """
        select r.rolname from pg_roles r join app_role o on o.oid = r.oid
        where r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication
          or r.rolinherit or r.rolcanlogin <> (r.rolname = 'clinic_app')
        """,
    ),
    Lint(
        "the site becomes clinic roles only",
        "the site's login is a member of no owner, no narrow role and no predefined role",
        """
        select rolname from app_role
        where rolname not in ('clinic_app', 'clinic_patient', 'clinic_staff', 'clinic_nurse',
          'clinic_doctor', 'clinic_admin', 'clinic_superadmin', 'clinic_worker')
        """,
    ),
    Lint(
        "the login reads two tables",
        "without a context the site's login reads what Django needs, and nothing of a clinic",
        """
        select distinct r.name || ' ' || g.privilege_type
        from relation r
        left join pg_attribute a on a.attrelid = r.oid
        cross join lateral (
          select * from aclexplode(r.relacl) union all select * from aclexplode(a.attacl)) g
        where g.grantee = 'clinic_app'::regrole
        """,
        {
            "public.django_migrations SELECT": "readiness compares it with the code",
            "public.django_content_type SELECT": "the admin looks models up in it",
        },
    ),
    Lint(
        "views ask as their reader",
        "a view is security_invoker, or it would show what its owner sees",
        """
        select name from relation
        where relkind = 'v' and not coalesce(reloptions, '{}')
          && '{security_invoker=true,security_invoker=on}'
        """,
    ),
    Lint(
        "materialized views are hidden",
        "a materialized view has no row-level security, so no role of the site reads it",
        """
        select distinct m.name from relation m cross join app_role r
        where m.relkind = 'm' and has_any_column_privilege(r.oid, m.oid, 'select')
        """,
    ),
    Lint(
        "nothing is created",
        "no role of the site makes objects, temporary ones too, or truncates, or adds triggers",
        """
        select r.rolname || ' TEMP' from app_role r
        where has_database_privilege(r.oid, current_database(), 'temp, create')
        union all
        select r.rolname || ' CREATE ' || n.nspname from app_role r cross join pg_namespace n
        where has_schema_privilege(r.oid, n.oid, 'create') and n.nspname !~ '^pg_(temp|toast_temp)'
        union all
        select r.rolname || ' ' || t.name from app_role r cross join relation t
        where t.relkind in ('r', 'p', 'v', 'm', 'f')
          and has_table_privilege(r.oid, t.oid, 'truncate, references, trigger')
        """,
    ),
    Lint(
        "nothing for PUBLIC",
        "PUBLIC may do nothing with a table, a sequence or the database, and create nowhere",
        """
        select distinct r.name from relation r
        left join pg_attribute a on a.attrelid = r.oid
        cross join lateral (
          select * from aclexplode(r.relacl) union all select * from aclexplode(a.attacl)) g
        where g.grantee = 0
        union all
        select n.nspname from pg_namespace n cross join lateral aclexplode(n.nspacl) g
        where g.grantee = 0 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          and (n.nspname <> 'public' or g.privilege_type <> 'USAGE')
        union all
        select 'database' from pg_database d
        cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) g
        where d.datname = current_database() and g.grantee = 0
        """,
    ),
    Lint(
        "nothing is born open",
        "default privileges give PUBLIC no right on what the owner makes",
        """
        select kind.name from (values ('f'::"char", 'functions'), ('T', 'types')) kind(code, name)
        where not exists (
          select from pg_default_acl d
          where d.defaclrole = 'clinic_owner'::regrole and d.defaclobjtype = kind.code
            and d.defaclnamespace = 0)
        union all
        select d.defaclobjtype::text
        from pg_default_acl d cross join lateral aclexplode(d.defaclacl) g
        where g.grantee <> d.defaclrole
        """,
    ),
    Lint(
        "functions are granted by name",
        "only functions that say nothing of anyone may be executed by PUBLIC",
        """
        select r.name from routine r
        cross join lateral aclexplode(coalesce(r.proacl, acldefault('f', r.proowner))) g
        where g.grantee = 0
        """,
    ),
    Lint(
        "migrations' procedures",
        "no role of the site calls what is for migrations only",
        """
        select f.name from routine f cross join app_role r
        where f.prokind = 'p' and has_function_privilege(r.oid, f.oid, 'execute')
        """,
    ),
    Lint(
        "no shared sequence",
        "no role of the site reads or draws from a sequence: numbers tell of other clinics",
        """
        select distinct s.name from relation s cross join app_role r
        where s.relkind = 'S' and has_sequence_privilege(r.oid, s.oid, 'usage, select, update')
        """,
        {
            f"jobs.procrastinate_{name}_id_seq": "of the queue, which has no clinic"
            for name in ("jobs", "events", "periodic_defers")
        },
    ),
    Lint(
        "rows keep their clinic",
        "no role of the site changes which clinic a row is in, or a row's key",
        """
        select r.rolname || ' ' || t.name || '.' || a.attname
        from tenant_table t
        join pg_attribute a on a.attrelid = t.oid and a.attname in ('id', t.tenant_column)
        cross join app_role r
        where has_column_privilege(r.oid, t.oid, a.attnum, 'update')
        """,
    ),
    Lint(
        "secrets are not read",
        "no role of the site reads a hash, a key, a token or a column that is kept encrypted",
        """
        select r.rolname || ' ' || t.name || '.' || a.attname
        from relation t
        join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        cross join app_role r
        where t.relkind in ('r', 'p', 'v', 'm')
          and a.attname ~ '(_encrypted|_hash|_secret|_token|_pad)$'
          and a.atttypid <> 'bool'::regtype
          and has_column_privilege(r.oid, t.oid, a.attnum, 'select')
        """,
        {
            f"{role} booking.booking_requests.request_hash": "of ids and a reason, for support"
            for role in ("clinic_admin", "clinic_superadmin")
        },
    ),
    Lint(
        "no function is called leakproof",
        "a LEAKPROOF function of our own would see rows before the policies do",
        """
        select name from routine where proleakproof
        """,
    ),
    Lint(
        "comments",
        "every table, view, policy and routine of ours says what it is for",
        """
        select r.name from relation r
        where r.schema <> 'public' and r.relkind in ('r', 'p', 'v', 'm')
          and obj_description(r.oid, 'pg_class') is null
        union all
        select p.polrelid::regclass || '.' || p.polname from pg_policy p
        where obj_description(p.oid, 'pg_policy') is null
        union all
        select f.name from routine f where obj_description(f.oid, 'pg_proc') is null
        """,
    ),
    Lint(
        "valid",
        "every constraint is validated and every index can be used",
        """
        select o.conrelid::regclass || '.' || o.conname from pg_constraint o
        where not o.convalidated
        union all
        select i.indexrelid::regclass::text from pg_index i
        where not (i.indisvalid and i.indisready)
        """,
    ),
)
