-- Everything that is sealed, of both tables, with what a seal says of it.
create view audit.entries with (security_invoker = true) as
select e.id, e.clinic_id, e.created_at, audit.entry_digest(e) as digest
from audit.audit_logs e
union all
select e.id, e.clinic_id, e.created_at, audit.entry_digest(e)
from audit.access_logs e;
comment on view audit.entries is 'Changes and accesses as the chain sees them: number, clinic, time, digest.';
grant select on audit.entries to clinic_sealer;

-- undo
drop view audit.entries;
