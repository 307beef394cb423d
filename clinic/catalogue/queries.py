"""What the catalogue says of each kind of object: rows of (identity, {attribute: text}).

Every attribute is written the same way by every PostgreSQL from 15 on. Attributes that are null
are left out. Objects of extensions are theirs, and left out too. Run with search_path pg_catalog:
then each name that is not the system's own comes out with its schema.
"""

from clinic.catalogue import queries_rights as rights

SCHEMAS = """
select 'schema ' || n.nspname, jsonb_build_object('owner', n.nspowner::regrole)
from pg_namespace n
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d
    where d.classid = 'pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')
"""

RELATIONS = """
select case c.relkind when 'S' then 'sequence ' when 'v' then 'view '
         when 'm' then 'materialized view ' else 'table ' end || n.nspname || '.' || c.relname,
  jsonb_build_object(
    'owner', c.relowner::regrole,
    'rls', case when c.relkind in ('r', 'p') then
      case when c.relrowsecurity then 'on' else 'off' end end,
    'force', case when c.relkind in ('r', 'p') then
      case when c.relforcerowsecurity then 'on' else 'off' end end,
    'form', case c.relkind when 'p' then 'partitioned by ' || pg_get_partkeydef(c.oid)
      when 'f' then 'foreign' end,
    'persistence', case c.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' end,
    'options', array_to_string(c.reloptions, ', '),
    'query', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
    'child of', (select string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno)
                 from pg_inherits i where i.inhrelid = c.oid))
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
"""

# That a column is an identity, PostgreSQL 17 says of partitions too: said of the whole table only.
COLUMNS = """
select 'column ' || n.nspname || '.' || c.relname || '.' || a.attname,
  jsonb_build_object(
    'type', format_type(a.atttypid, a.atttypmod),
    'not null', case when a.attnotnull then 'on' end,
    'collation', case when a.attcollation <> t.typcollation then a.attcollation::regcollation end,
    case when a.attgenerated <> '' then 'generated' else 'default' end,
      pg_get_expr(v.adbin, v.adrelid),
    'statistics', case when a.attstattarget = 0 then 'none' end,
    'identity', case when c.relispartition then null
      when a.attidentity = 'a' then 'always' when a.attidentity = 'd' then 'by default' end)
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid
left join pg_attrdef v on v.adrelid = a.attrelid and v.adnum = a.attnum
where c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
      and d.deptype = 'e')
"""

# Not-null constraints are a matter of columns: PostgreSQL 18 alone lists them here as well.
CONSTRAINTS = """
select 'constraint ' || o.conrelid::regclass || '.' || o.conname,
  jsonb_build_object(
    'definition', pg_get_constraintdef(o.oid),
    'enforced', (select case when bool_and(t.tgenabled = 'O') then 'on' else 'off' end
                 from pg_trigger t where t.tgconstraint = o.oid and t.tgisinternal
                 having count(*) > 0))
from pg_constraint o
join pg_namespace n on n.oid = o.connamespace
where o.contype in ('c', 'f', 'p', 'u', 'x') and o.conrelid <> 0
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""

INDEXES = """
select 'index ' || n.nspname || '.' || c.relname,
  jsonb_build_object(
    'definition', pg_get_indexdef(i.indexrelid),
    'valid', case when i.indisvalid and i.indisready and i.indislive then 'on' else 'off' end)
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = i.indrelid and d.deptype = 'e')
"""

TRIGGERS = """
select 'trigger ' || t.tgrelid::regclass || '.' || t.tgname,
  jsonb_build_object(
    'definition', pg_get_triggerdef(t.oid),
    'enabled', case t.tgenabled when 'O' then 'origin' when 'A' then 'always'
      when 'R' then 'replica' else 'off' end)
from pg_trigger t
where not t.tgisinternal
"""

POLICIES = """
select 'policy ' || p.polrelid::regclass || '.' || p.polname,
  jsonb_build_object(
    'form', case when p.polpermissive then 'permissive' else 'restrictive' end,
    'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
      when 'd' then 'delete' else 'all' end,
    'roles', (select string_agg(case r when 0 then 'PUBLIC' else pg_get_userbyid(r)::text end, ', '
                order by pg_get_userbyid(r)::text collate "C")
              from unnest(p.polroles) r),
    'using', pg_get_expr(p.polqual, p.polrelid),
    'check', pg_get_expr(p.polwithcheck, p.polrelid))
from pg_policy p
"""

FUNCTIONS = """
select case p.prokind when 'p' then 'procedure ' when 'a' then 'aggregate ' else 'function ' end
    || n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')',
  jsonb_build_object(
    'owner', p.proowner::regrole,
    'arguments', nullif(pg_get_function_arguments(p.oid), ''),
    'returns', pg_get_function_result(p.oid),
    'language', l.lanname,
    'volatility', case p.provolatile when 'i' then 'immutable' when 's' then 'stable'
      else 'volatile' end,
    'security', case when p.prosecdef then 'definer' else 'invoker' end,
    'strict', case when p.proisstrict then 'on' end,
    'parallel', case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end,
    'leakproof', case when p.proleakproof then 'on' end,
    'settings', array_to_string(p.proconfig, '; '),
    'body', left(encode(sha256(convert_to(
      coalesce(pg_get_function_sqlbody(p.oid), p.prosrc), 'UTF8')), 'hex'), 16))
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d
    where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
"""

TYPES = """
select case t.typtype when 'e' then 'enum ' when 'd' then 'domain ' else 'type ' end
    || n.nspname || '.' || t.typname,
  jsonb_build_object(
    'owner', t.typowner::regrole,
    'labels', (select string_agg(e.enumlabel, ', ' order by e.enumsortorder)
               from pg_enum e where e.enumtypid = t.oid))
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
left join pg_class c on c.oid = t.typrelid
where (t.typtype in ('e', 'd', 'r') or c.relkind = 'c' or (t.typtype = 'b' and t.typelem = 0))
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d
    where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')
"""

EXTENSIONS = """
select 'extension ' || e.extname, jsonb_build_object('schema', n.nspname)
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
"""

RULES = """
select 'rule ' || r.ev_class::regclass || '.' || r.rulename,
  jsonb_build_object('definition', pg_get_ruledef(r.oid))
from pg_rewrite r
where r.rulename <> '_RETURN' and r.oid >= 16384
"""

# Whatever else a database can hold that changes what statements mean. Rowan installs none.
OTHERS = """
select i.type || ' ' || i.identity, '{}'::jsonb
from (
  select 'pg_cast'::regclass, oid from pg_cast
  union all select 'pg_operator'::regclass, oid from pg_operator
  union all select 'pg_opclass'::regclass, oid from pg_opclass
  union all select 'pg_opfamily'::regclass, oid from pg_opfamily
  union all select 'pg_conversion'::regclass, oid from pg_conversion
  union all select 'pg_language'::regclass, oid from pg_language
  union all select 'pg_transform'::regclass, oid from pg_transform
  union all select 'pg_event_trigger'::regclass, oid from pg_event_trigger
  union all select 'pg_publication'::regclass, oid from pg_publication
  union all select 'pg_foreign_data_wrapper'::regclass, oid from pg_foreign_data_wrapper
  union all select 'pg_foreign_server'::regclass, oid from pg_foreign_server
  union all select 'pg_statistic_ext'::regclass, oid from pg_statistic_ext
  union all select 'pg_ts_config'::regclass, oid from pg_ts_config
  union all select 'pg_ts_dict'::regclass, oid from pg_ts_dict
) o(classid, objid)
cross join lateral pg_identify_object(o.classid, o.objid, 0) i
where o.objid >= 16384
  and not exists (select from pg_depend d
    where d.classid = o.classid and d.objid = o.objid and d.deptype in ('e', 'i'))
"""

KINDS = {
    "schemas": SCHEMAS,
    "relations": RELATIONS,
    "columns": COLUMNS,
    "constraints": CONSTRAINTS,
    "indexes": INDEXES,
    "triggers": TRIGGERS,
    "policies": POLICIES,
    "functions": FUNCTIONS,
    "types": TYPES,
    "extensions": EXTENSIONS,
    "roles": rights.ROLES,
    "memberships": rights.MEMBERSHIPS,
    "settings": rights.SETTINGS,
    "rules": RULES,
    "others": OTHERS,
    "relation grants": rights.RELATION_GRANTS,
    "column grants": rights.COLUMN_GRANTS,
    "routine grants": rights.ROUTINE_GRANTS,
    "type grants": rights.TYPE_GRANTS,
    "other grants": rights.OTHER_GRANTS,
    "system grants": rights.SYSTEM_GRANTS,
    "database": rights.DATABASE,
}
