"""Lints of tenancy: every row stays in its clinic."""

from clinic.catalogue.lint import Lint

TENANCY = (
    Lint(
        "row security",
        "a table with a clinic has row-level security, forced on its owner too",
        """
        select name from tenant_table where not (relrowsecurity and relforcerowsecurity)
        """,
    ),
    Lint(
        "tenant isolation",
        "a table with a clinic has one restrictive policy tenant_isolation, for all commands and"
        " to PUBLIC, that names its clinic column in USING and in WITH CHECK (or, for the trail,"
        " lets nobody but its triggers and its redaction write)",
        """
        select t.name from tenant_table t
        where not exists (
          select from pg_policy p
          where p.polrelid = t.oid and p.polname = 'tenant_isolation' and not p.polpermissive
            and p.polcmd = '*' and p.polroles = array[0::oid]
            and starts_with(pg_get_expr(p.polqual, t.oid), format(
              case when strpos(pg_get_expr(p.polqual, t.oid), ' OR ') > 0 then '(' else '' end
              || '(%s = ( SELECT app.current_clinic_id()', t.tenant_column))
            and (strpos(pg_get_expr(p.polwithcheck, t.oid),
                format('(%s = ( SELECT app.current_clinic_id()', t.tenant_column)) > 0
              or pg_get_expr(p.polwithcheck, t.oid) = '((CURRENT_USER = ''clinic_auditor''::name)'
                ' OR (CURRENT_USER = ''clinic_archivist''::name))'))
        """,
    ),
    Lint(
        "tenant isolation is opened to narrow roles only",
        "beside the clinic, tenant_isolation lets in no more than an owner of definer functions",
        """
        select t.name from tenant_table t
        join pg_policy p on p.polrelid = t.oid and p.polname = 'tenant_isolation'
        cross join lateral (values (pg_get_expr(p.polqual, t.oid)),
                                   (pg_get_expr(p.polwithcheck, t.oid))) e(text)
        where regexp_replace(regexp_replace(e.text,
            '(CURRENT_USER = ''clinic_'
              || '(authenticator|auditor|receiver|dispatcher|sealer|archivist)''::name)', '', 'g'),
            '[() ]|OR|AS current_clinic_id', '', 'g')
          not in (t.tenant_column || '=SELECTapp.current_clinic_id', '')
        """,
        {"clinic.system_settings": "global settings have no clinic; only the owner writes them"},
    ),
    Lint(
        "tenant index",
        "a table with a clinic has an index, whole and valid, that starts with it",
        """
        select t.name from tenant_table t
        where not exists (
          select from pg_index i
          join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
          where i.indrelid = t.oid and a.attname = t.tenant_column and i.indpred is null
            and i.indisvalid)
        """,
    ),
    Lint(
        "composite keys",
        "a foreign key between two tables with a clinic matches clinic with clinic",
        """
        select o.conrelid::regclass || '.' || o.conname
        from pg_constraint o
        join tenant_table t on t.oid = o.conrelid
        join tenant_table f on f.oid = o.confrelid and f.name not in (
          'clinic.clinics',  -- the clinic itself
          'clinic.users')    -- a person, who may work in several clinics
        where o.contype = 'f' and not exists (
          select from unnest(o.conkey, o.confkey) as k(here, there)
          join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.here
          join pg_attribute b on b.attrelid = o.confrelid and b.attnum = k.there
          where a.attname = 'clinic_id' and b.attname = 'clinic_id')
        """,
    ),
    Lint(
        "clinic not null",
        "the clinic of a row is known: a null would be in no clinic",
        """
        select t.name from tenant_table t
        join pg_attribute a on a.attrelid = t.oid and a.attname = t.tenant_column
        where not a.attnotnull
        """,
        {
            "clinic.users": "a superadmin has no home clinic; the policy hides such a row from all",
            "clinic.system_settings": "a null is a global setting, which every clinic may read",
            "audit.audit_logs": "an entry on a row of no clinic, such as a superadmin's login",
            "audit.access_logs": "a failed login with an address that nobody has",
        },
    ),
    Lint(
        "unique per clinic",
        "what is unique is unique in a clinic, or starts with a uuid, or a try tells about others",
        """
        select i.indexrelid::regclass::text
        from pg_index i
        join tenant_table t on t.oid = i.indrelid
        left join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
        where (i.indisunique or i.indisexclusion)
          and (a.attname is null or a.attname <> t.tenant_column)
          and (a.atttypid is null or a.atttypid <> 'uuid'::regtype)
        """,
        {
            "clinic.clinics_code_key": "the code stands in addresses; only the owner adds clinics",
            "audit.audit_logs_pkey": "numbers that the trail gives itself; nobody else inserts",
            "audit.access_logs_pkey": "as above",
            "audit.seals_entry": "as above: only the sealer inserts",
        },
    ),
    Lint(
        "write checks",
        "a policy for writing says in WITH CHECK what may be written",
        """
        select p.polrelid::regclass || '.' || p.polname from pg_policy p
        where p.polcmd in ('a', 'w', '*') and p.polwithcheck is null
        """,
    ),
    Lint(
        "policies have roles",
        "only the restrictive tenant_isolation is for PUBLIC; what opens rows says to whom",
        """
        select p.polrelid::regclass || '.' || p.polname from pg_policy p
        where 0 = any (p.polroles) and (p.polpermissive or p.polname <> 'tenant_isolation')
        """,
    ),
    Lint(
        "policies in force",
        "a table with policies has row-level security switched on",
        """
        select distinct r.name from relation r join pg_policy p on p.polrelid = r.oid
        where not r.relrowsecurity
        """,
    ),
    Lint(
        "policies are steady",
        "what a policy calls does not change within a statement",
        """
        select distinct p.polrelid::regclass || '.' || p.polname || ' calls ' || f.name
        from pg_policy p
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
          and d.refclassid = 'pg_proc'::regclass
        join routine f on f.oid = d.refobjid
        where f.provolatile = 'v'
        """,
    ),
    Lint(
        "tables of no clinic",
        "a table that the site can reach belongs to clinics, or is one of Django's two",
        """
        select distinct r.name
        from relation r
        join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
        cross join app_role o
        where r.relkind in ('r', 'p', 'f')
          and not exists (select from tenant_table t where t.oid = r.oid)
          and (has_column_privilege(o.oid, r.oid, a.attnum, 'select, insert, update')
               or has_table_privilege(o.oid, r.oid, 'delete'))
        """,
        {
            "clinic.feature_flags": "flags belong to the product",
            "public.django_migrations": "readiness compares it with the code",
            "public.django_content_type": "the admin looks models up in it",
        }
        | {
            f"jobs.procrastinate_{name}": "the worker's, by a policy that asks for its context"
            for name in ("jobs", "events", "periodic_defers", "workers")
        },
    ),
    Lint(
        "partitions",
        "a partition, which its parent's policies do not guard, has row security and no grant",
        """
        select distinct r.name from relation r
        left join lateral aclexplode(r.relacl) g on g.grantee <> r.relowner
        left join pg_attribute a on a.attrelid = r.oid and a.attacl is not null
        left join pg_policy p on p.polrelid = r.oid
        where r.relispartition and r.relkind in ('r', 'p')
          and (not r.relrowsecurity or not r.relforcerowsecurity or g.grantee is not null
               or a.attname is not null or p.polname is not null)
        """,
    ),
    Lint(
        "audited",
        "a table with a clinic is audited for every command, replication or not",
        """
        select t.name from tenant_table t
        where (select count(*) from pg_trigger g
               join routine f on f.oid = g.tgfoid
               where g.tgrelid = t.oid
                 and f.name in ('audit.audit_trigger_function()', 'audit.audit_row_function()')
                 and g.tgname in ('audit_insert', 'audit_update', 'audit_delete', 'audit_truncate')
                 and g.tgenabled = 'A') <> 4
        """,
        {
            "audit.audit_logs": "the trail itself",
            "audit.access_logs": "the trail itself",
            "audit.seals": "what seals the trail; it is verified, not audited",
            "audit.chains": "what seals the trail; it is verified, not audited",
            "clinic.appointment_counters": "each number that it gives stands on an audited row",
            "clinic.number_counters": "each number that it gives stands on an audited row",
        },
    ),
    Lint(
        "foreign keys have indexes",
        "an index starts with the columns of a foreign key, clinic aside: parents change quickly",
        """
        select o.conrelid::regclass || '.' || o.conname
        from pg_constraint o join relation r on r.oid = o.conrelid
        cross join lateral (
          select array_agg(k order by k) as columns from unnest(o.conkey) k
          join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k
          where a.attname <> 'clinic_id' or cardinality(o.conkey) = 1) c
        where o.contype = 'f' and not exists (
          select from pg_index i
          cross join lateral (
            select array_agg(k.num order by k.num) as columns from (
              select x.num from unnest(i.indkey::int2[]) with ordinality x(num, place)
              left join pg_attribute a on a.attrelid = o.conrelid and a.attnum = x.num
              where a.attname is distinct from 'clinic_id' or cardinality(o.conkey) = 1
              order by x.place limit cardinality(c.columns)) k) lead
          where i.indrelid = o.conrelid and i.indisvalid and lead.columns = c.columns
            and (i.indpred is null
                 or pg_get_expr(i.indpred, i.indrelid) ~ '^\\(\\w+ IS NOT NULL\\)$'))
        """,
        {
            "clinic.appointments.appointments_doctor_fk": "a doctor's are found by"
            " appointments_doctor; the practitioner follows from the doctor",
            "clinic.appointments.appointments_slot_fk": "slots are not deleted and keep their keys;"
            " an index would cost every booking",
            "jobs.procrastinate_jobs.procrastinate_jobs_worker_id_fkey": "indexed while the job is"
            " being done: later nobody asks who did it",
        },
    ),
)
