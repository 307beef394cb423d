-- Books a free slot, once per idempotency key. Order of locks, here and in every booking function:
-- request, slots, resources, appointment, numbers. With a service the visit lasts as long as that
-- takes, and takes what it needs; without one it costs nothing more.
create function booking.create_booking(
  p_idempotency_key text, p_user_id uuid, p_clinic_id uuid, p_slot_id uuid, p_patient_id uuid,
  p_visit_reason text default null, p_appointment_type text default 'consultation',
  p_service_id uuid default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claims text[] := app.enter();
  v_role text := v_claims[4];
  v_own uuid := case when v_role = 'patient' then v_claims[6]::uuid end;
  -- A job may not call this: only the function that has verified a patient's link does (answer_offer).
  v_user_id uuid := case when v_role = 'worker' then app.nil_uuid()
    else nullif(v_claims[6], '')::uuid end;
  v_hash bytea;
  v_refusal text;
  v_slot clinic.appointment_slots;
  v_visit clinic.appointments;
  v_id uuid := gen_random_uuid();
  v_number text;
begin
  if v_role is null or v_role not in ('patient', 'staff', 'admin', 'superadmin', 'worker')
      or p_clinic_id is distinct from v_claims[5]::uuid
      or (p_user_id is distinct from v_user_id and v_role <> 'superadmin') then
    return booking.refusal('not_allowed');
  end if;
  if p_slot_id is null or p_patient_id is null or p_user_id is null
      or coalesce(length(p_idempotency_key), 0) not between 1 and 255
      or coalesce(length(p_visit_reason), 0) > 2000
      -- The usual one needs no list.
      or (p_appointment_type = 'consultation'
        or p_appointment_type = any (enum_range(null::public.appointment_type)::text[])) is not true then
    return booking.refusal('invalid_input');
  end if;
  v_hash := sha256(convert_to(jsonb_build_array(
    p_slot_id, p_patient_id, p_visit_reason, p_appointment_type, p_service_id)::text, 'UTF8'));
  -- A repeated key is looked for where it shows: its slot is taken by then, or its row is there.
  v_refusal := booking.booking_refusal(
    p_clinic_id, p_slot_id, p_patient_id, v_own, p_user_id, null, p_service_id);
  if v_refusal is not null then
    return coalesce(
      booking.replay(p_clinic_id, p_user_id, 'book', p_idempotency_key, v_hash),
      booking.refusal(v_refusal));
  end if;

  begin
    if not booking.note_request(p_clinic_id, p_user_id, 'book', p_idempotency_key, v_hash,
        p_slot_id, p_patient_id, v_id) then
      return booking.replay(p_clinic_id, p_user_id, 'book', p_idempotency_key, v_hash);
    end if;
    if p_service_id is not null then
      v_visit := booking.planned_visit(p_clinic_id, p_slot_id, p_service_id, v_id, p_patient_id,
        p_user_id, v_own is not null);
      v_refusal := booking.secure_places(v_visit);
    end if;
    if v_refusal is null then
      v_slot := booking.take_slot(p_clinic_id, p_slot_id, v_id, p_user_id, p_patient_id);
    end if;
    if v_slot.id is null then
      raise sqlstate 'ABORT';
    end if;
    insert into clinic.appointments (id, clinic_id, patient_id, doctor_id, slot_id, service_id,
      appointment_number, appointment_date, appointment_time, duration_minutes, starts_at, ends_at,
      busy_from, busy_to, appointment_type, visit_reason, source, booked_by, practitioner_id)
    values (v_id, p_clinic_id, p_patient_id, v_slot.doctor_id, p_slot_id, p_service_id,
      booking.next_appointment_number(p_clinic_id), v_slot.slot_date, v_slot.slot_time,
      coalesce(v_visit.duration_minutes, v_slot.duration_minutes), v_slot.starts_at,
      coalesce(v_visit.ends_at, v_slot.ends_at), v_visit.busy_from, v_visit.busy_to,
      coalesce(v_visit.appointment_type, p_appointment_type::public.appointment_type),
      coalesce(p_visit_reason, ''),
      (case when v_role in ('patient', 'worker') then 'online' else 'phone' end)::public.appointment_source,
      nullif(p_user_id, app.nil_uuid()), (select practitioner_id from clinic.doctors
        where clinic_id = p_clinic_id and id = v_slot.doctor_id))
    on conflict do nothing
    returning appointment_number into v_number;
    if not found then
      raise sqlstate 'ABORT';
    end if;
    if p_service_id is not null then
      perform booking.take_places(v_visit);
    end if;
    return booking.success(v_id, v_number, p_slot_id, false);
  exception
    when sqlstate 'ABORT' or exclusion_violation then
      null;  -- the race was lost after the first look: what this block did is undone
  end;
  return booking.refusal(coalesce(v_refusal, booking.booking_refusal(
    p_clinic_id, p_slot_id, p_patient_id, v_own, p_user_id, null, p_service_id),
    'slot_unavailable'));
end
$$;
comment on function booking.create_booking(text, uuid, uuid, uuid, uuid, text, text, uuid) is
  'Books a slot for a patient, or with a service as much time from it on as that takes: {"status": "success", "idempotent", "result": {appointment_id, appointment_number, slot_id}} or {"status": "conflict" or "error", "code", "message"}.';
call app.make_definer('booking.create_booking(text, uuid, uuid, uuid, uuid, text, text, uuid)', 'clinic_booker');
grant execute on function booking.create_booking(text, uuid, uuid, uuid, uuid, text, text, uuid) to
  clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.create_booking(text, uuid, uuid, uuid, uuid, text, text, uuid);
