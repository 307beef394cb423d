-- What a seal says. The digest is over every column of an entry, as one JSON array, with times as
-- seconds, so that no setting of a session changes it. A new column means a new word in front.
create function audit.entry_digest(e audit.audit_logs) returns bytea
language sql stable
as $$
  select sha256(convert_to(jsonb_build_array('change 1', e.id, e.table_schema, e.table_name,
    e.record_id, e.action, e.old_values, e.new_values, e.changed_fields, e.user_id, e.actor_role,
    e.clinic_id, e.ip_address, e.user_agent, e.request_id, e.reason,
    extract(epoch from e.created_at))::text, 'UTF8'))
$$;
comment on function audit.entry_digest(audit.audit_logs) is 'SHA-256 over every column of a change.';

create function audit.entry_digest(e audit.access_logs) returns bytea
language sql stable
as $$
  select sha256(convert_to(jsonb_build_array('access 1', e.id, e.clinic_id, e.action, e.table_name,
    e.record_id, e.patient_id, e.detail, e.user_id, e.actor_role, e.ip_address, e.user_agent,
    e.request_id, e.reason, extract(epoch from e.created_at))::text, 'UTF8'))
$$;
comment on function audit.entry_digest(audit.access_logs) is 'SHA-256 over every column of an access.';

create function audit.link(p_previous bytea, p_clinic_id uuid, p_position bigint, p_entry_id bigint,
                           p_entry_at timestamptz, p_digest bytea) returns bytea
language sql immutable
as $$
  select sha256(p_previous || convert_to(concat_ws(' ', p_clinic_id::text, p_position::text,
    p_entry_id::text, extract(epoch from p_entry_at)::text), 'UTF8') || p_digest)
$$;
comment on function audit.link(bytea, uuid, bigint, bigint, timestamptz, bytea) is
  'The hash of a seal: over the hash before it, its place, and its entry.';

create function audit.first_hash() returns bytea
language sql immutable
as $$ select decode(repeat('00', 32), 'hex') $$;
comment on function audit.first_hash() is 'What the first seal of a chain follows.';

grant execute on function audit.entry_digest(audit.audit_logs),
  audit.entry_digest(audit.access_logs),
  audit.link(bytea, uuid, bigint, bigint, timestamptz, bytea), audit.first_hash()
  to clinic_sealer, clinic_archivist;

-- undo
drop function audit.first_hash();
drop function audit.link(bytea, uuid, bigint, bigint, timestamptz, bytea);
drop function audit.entry_digest(audit.access_logs);
drop function audit.entry_digest(audit.audit_logs);
