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

create function booking.notice_due() returns timestamptz
language sql stable parallel safe
as $$ select now() + interval '3 minutes' $$;
comment on function booking.notice_due() is 'When a message of this transaction may go: a slip that is taken back before then is never told.';

create function booking.tell_patient(
  p_clinic_id uuid, p_appointment_id uuid, p_type text, p_slot_id uuid default null)
returns uuid
language plpgsql volatile
as $$
begin
  return (
    select booking.queue_notice(p_clinic_id, a.patient_id, p_type, jsonb_build_object(
        'clinic', c.name, 'number', a.appointment_number, 'doctor', coalesce(d.full_name, c.name),
        'when', to_char(coalesce(s.starts_at, a.starts_at) at time zone c.time_zone,
          'Dy FMDD Mon, HH24:MI')), booking.notice_due())
    from clinic.appointments a
    join clinic.clinics c on c.id = a.clinic_id
    left join clinic.appointment_slots s on s.clinic_id = a.clinic_id and s.id = p_slot_id
    left join clinic.doctors d on d.clinic_id = a.clinic_id
      and d.id = coalesce(s.doctor_id, a.doctor_id)
    where a.clinic_id = p_clinic_id and a.id = p_appointment_id);
end
$$;
comment on function booking.tell_patient(uuid, uuid, text, uuid) is
  'Queues a notice about an appointment as it is now, or about the slot that is offered for it; its id, or null where the patient agreed to no channel.';

create function booking.tell_change(
  p_claims text[], p_action text, p_before clinic.appointments, p_after clinic.appointments)
returns uuid
language plpgsql volatile
as $$
declare
  v_last clinic.appointment_transitions;
begin
  if p_claims[4] not in ('staff', 'admin', 'superadmin') then
    return null;
  elsif p_action = 'undo' then
    select * into v_last from clinic.appointment_transitions
    where clinic_id = p_before.clinic_id and appointment_id = p_before.id
      and version = p_before.version;
    -- Who was not told yet has nothing to be told; who was hears that it is as before.
    if v_last.notice_id is null
        or booking.withdraw_notice(p_before.clinic_id, v_last.notice_id) then
      return null;
    end if;
  elsif p_action not in ('cancel', 'reschedule') then
    return null;
  end if;
  return booking.tell_patient(p_before.clinic_id, p_before.id, case
    when p_action = 'cancel' then 'appointment_cancelled'
    when p_before.starts_at = p_after.starts_at and p_before.doctor_id <> p_after.doctor_id
      then 'appointment_covered'
    else 'appointment_moved' end);
end
$$;
comment on function booking.tell_change(text[], text, clinic.appointments, clinic.appointments) is
  'Queues what a patient hears of a move, a cancellation or an undo by the desk; the notice''s id, or null.';

grant execute on function booking.notice_due(), booking.tell_patient(uuid, uuid, text, uuid),
  booking.tell_change(text[], text, clinic.appointments, clinic.appointments) to clinic_booker;
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
drop function booking.tell_change(text[], text, clinic.appointments, clinic.appointments);
drop function booking.tell_patient(uuid, uuid, text, uuid);
drop function booking.notice_due();
drop function booking.withdraw_notice(uuid, uuid);
drop function booking.queue_notice(uuid, uuid, text, jsonb, timestamptz);
drop function booking.notice_text(text, jsonb);
