"""What the catalogue says of rights: roles, memberships, settings, grants. See queries.py."""

ROLES = """
select 'role ' || r.rolname,
  jsonb_build_object('attributes', nullif(concat_ws(', ',
    case when r.rolsuper then 'superuser' end,
    case when r.rolbypassrls then 'bypassrls' end,
    case when r.rolreplication then 'replication' end,
    case when r.rolcreaterole then 'createrole' end,
    case when r.rolcreatedb then 'createdb' end,
    case when r.rolinherit then 'inherit' end,
    case when r.rolcanlogin then 'login' end), ''))
from pg_roles r
where starts_with(r.rolname, 'clinic_')
"""

# Before PostgreSQL 16 whether a membership is inherited was said of the member alone. From 16 on
# the maker of a role is its administrator, and no more than that: left out.
MEMBERSHIPS = """
select 'membership of ' || m.rolname || ' in ' || g.rolname,
  jsonb_build_object(
    'inherit', case when coalesce(o.a ->> 'inherit_option', m.rolinherit::text) = 'true'
      then 'on' else 'off' end,
    'set', case when coalesce(o.a ->> 'set_option', 'true') = 'true' then 'on' else 'off' end,
    'admin', case when o.a ->> 'admin_option' = 'true' then 'on' end)
from (select to_jsonb(x) as a, x.* from pg_auth_members x) o
join pg_roles m on m.oid = o.member
join pg_roles g on g.oid = o.roleid
where (starts_with(m.rolname, 'clinic_') or starts_with(g.rolname, 'clinic_'))
  and not m.rolsuper
  and (o.a -> 'inherit_option' is null or o.a @> '{"inherit_option": true}'
       or o.a @> '{"set_option": true}')
"""

SETTINGS = """
select 'setting ' || split_part(s.line, '=', 1)
    || ' of ' || coalesce(pg_get_userbyid(nullif(o.setrole, 0))::text, 'everyone')
    || case when o.setdatabase <> 0 then ' in this database' else '' end,
  jsonb_build_object('value', substr(s.line, strpos(s.line, '=') + 1))
from pg_db_role_setting o
cross join lateral unnest(o.setconfig) as s(line)
where o.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  and (o.setrole = 0 or starts_with(pg_get_userbyid(o.setrole), 'clinic_'))
"""

# An owner's own rights are left out: PostgreSQL 17 adds one to the list.
RIGHTS = """
with acls(identity, owner, acl) as (
  {}
), rights as (
  select a.identity, e.privilege_type as privilege, string_agg(
    case e.grantee when 0 then 'PUBLIC' else pg_get_userbyid(e.grantee)::text end
      || case when e.is_grantable then ' with grant option' else '' end,
    ', ' order by pg_get_userbyid(e.grantee)::text collate "C") as roles
  from acls a left join lateral aclexplode(a.acl) e on e.grantee <> a.owner
  group by 1, 2
)
select identity, coalesce(jsonb_object_agg('grant ' || privilege, roles)
  filter (where privilege is not null), '{{}}')
from rights group by 1
"""

RELATION_GRANTS = RIGHTS.format("""
  select case c.relkind when 'S' then 'sequence ' when 'v' then 'view '
           when 'm' then 'materialized view ' else 'table ' end || n.nspname || '.' || c.relname,
    c.relowner, c.relacl
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relacl is not null
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
""")

COLUMN_GRANTS = RIGHTS.format("""
  select 'column ' || n.nspname || '.' || c.relname || '.' || a.attname, c.relowner, a.attacl
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  where a.attacl is not null and not a.attisdropped
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
""")

ROUTINE_GRANTS = RIGHTS.format("""
  select case p.prokind when 'p' then 'procedure ' when 'a' then 'aggregate ' else 'function ' end
      || n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')',
    p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
""")

TYPE_GRANTS = RIGHTS.format("""
  select case t.typtype when 'e' then 'enum ' when 'd' then 'domain ' else 'type ' end
      || n.nspname || '.' || t.typname, t.typowner, coalesce(t.typacl, acldefault('T', t.typowner))
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  left join pg_class c on c.oid = t.typrelid
  where (t.typtype in ('e', 'd', 'r') or c.relkind = 'c' or (t.typtype = 'b' and t.typelem = 0))
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d
      where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')
""")

OTHER_GRANTS = RIGHTS.format("""
  select 'schema ' || nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner))
  from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
  union all
  select 'default privileges of ' || pg_get_userbyid(defaclrole) || ' on ' ||
      case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
        when 'T' then 'types' when 'n' then 'schemas' else defaclobjtype::text end
      || coalesce(' in ' || nullif(defaclnamespace, 0)::regnamespace, ''),
    defaclrole, defaclacl
  from pg_default_acl
  union all
  select 'parameter ' || parname, 10, paracl from pg_parameter_acl
""")

# What the system's own objects were made with is theirs to know: only what was changed since.
SYSTEM_GRANTS = RIGHTS.format("""
  select x.identity, x.owner, x.acl
  from (
    select 'pg_proc'::regclass as class, p.oid, 0 as part, p.proowner as owner,
      coalesce(p.proacl, acldefault('f', p.proowner)) as acl, acldefault('f', p.proowner) as usual,
      'system function ' || p.oid::regprocedure as identity
    from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
    union all
    select 'pg_class'::regclass, c.oid, 0, c.relowner, c.relacl, null,
      'system table ' || c.oid::regclass
    from pg_class c where c.relnamespace = 'pg_catalog'::regnamespace
    union all
    select 'pg_class'::regclass, c.oid, a.attnum, c.relowner, a.attacl, null,
      'system column ' || c.oid::regclass || '.' || a.attname
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'pg_catalog'::regnamespace and a.attacl is not null
    union all
    select 'pg_namespace'::regclass, n.oid, 0, n.nspowner, n.nspacl, null,
      'system schema ' || n.nspname
    from pg_namespace n where n.nspname = 'pg_catalog'
  ) x
  left join pg_init_privs i on i.classoid = x.class and i.objoid = x.oid and i.objsubid = x.part
  where x.acl is distinct from coalesce(i.initprivs, x.usual)
""")

# Of the database: what PUBLIC and Rowan's roles may. Who administers it is the place's affair.
DATABASE = """
select 'database', coalesce(jsonb_object_agg('grant ' || privilege_type, roles), '{}')
from (
  select e.privilege_type, string_agg(
    case e.grantee when 0 then 'PUBLIC' else pg_get_userbyid(e.grantee)::text end, ', '
    order by pg_get_userbyid(e.grantee)::text collate "C") as roles
  from pg_database d
  cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) e
  where d.datname = current_database()
    and (e.grantee = 0 or starts_with(pg_get_userbyid(e.grantee), 'clinic_'))
  group by 1) g
"""
