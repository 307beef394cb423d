-- What patients are told about their visits, for the booking functions only, whose rights these
-- have. A notice waits, pending, until its time: what is taken back before then is never sent.
create function booking.notice_text(p_type text, p_variables jsonb) returns text
language sql stable parallel safe
as $$
  select format(case p_type
    when 'appointment_moved' then '%1$s: your appointment is moved to %2$s with %3$s.'
    when 'appointment_cancelled' then '%1$s: your appointment on %2$s with %3$s is cancelled. Please call us for another time.'
    when 'appointment_covered' then '%1$s: your appointment on %2$s will be with %3$s.'
    when 'appointment_ask' then '%1$s: your appointment cannot take place. Would %2$s with %3$s suit you? Please call us.'
    when 'slot_offer' then '%1$s: a time is free on %2$s with %3$s. Please answer soon: %4$s'
    end, p_variables ->> 'clinic', p_variables ->> 'when', p_variables ->> 'doctor',
    coalesce(p_variables ->> 'link', ''))
$$;
comment on function booking.notice_text(text, jsonb) is
  'The words of a notice from its variables clinic, when, doctor and link; null for an unknown type.';

create function booking.queue_notice(
  p_clinic_id uuid, p_patient_id uuid, p_type text, p_variables jsonb,
  p_scheduled_for timestamptz default now() + interval '3 minutes')
returns uuid
language plpgsql volatile
as $$
declare
  v_id uuid;
begin
  insert into clinic.notifications (clinic_id, user_id, type, channel, recipient, message,
    template_id, template_variables, scheduled_for)
  select p_clinic_id, r.user_id, p_type, r.channel, r.recipient,
    booking.notice_text(p_type, p_variables), p_type, p_variables, p_scheduled_for
  from app.patient_reach(p_patient_id) r
  returning id into v_id;
  return v_id;
end
$$;
comment on function booking.queue_notice(uuid, uuid, text, jsonb, timestamptz) is
  'Queues a notice to a patient by a channel that they agreed to, not sent before its time; its id, or null where there is no such channel.';

create function booking.withdraw_notice(p_clinic_id uuid, p_id uuid) returns boolean
language plpgsql volatile
as $$
begin
  update clinic.notifications set status = 'withdrawn'
  where clinic_id = p_clinic_id and id = p_id and status = 'pending' and scheduled_for > now();
  return found;
end
$$;
comment on function booking.withdraw_notice(uuid, uuid) is
  'Takes back a notice that is not due yet; false where it is too late.';

grant execute on function booking.notice_text(text, jsonb),
  booking.queue_notice(uuid, uuid, text, jsonb, timestamptz),
  booking.withdraw_notice(uuid, uuid) to clinic_booker;
create policy book on clinic.notifications to clinic_booker using (true) with check (true);
comment on policy book on clinic.notifications is 'The booking functions: notices about visits.';
grant select, insert on clinic.notifications to clinic_booker;
grant update (status) on clinic.notifications to clinic_booker;

-- undo
revoke all on clinic.notifications from clinic_booker;
drop policy book on clinic.notifications;
drop function booking.withdraw_notice(uuid, uuid);
drop function booking.queue_notice(uuid, uuid, text, jsonb, timestamptz);
drop function booking.notice_text(text, jsonb);
