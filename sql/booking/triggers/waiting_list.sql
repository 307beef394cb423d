-- What keeps the waiting list in step with slots and leave, at the end of each transaction.
create trigger updated_at before update on clinic.waiting_list_entries for each row execute function public.update_updated_at_column();
create constraint trigger freed after update on clinic.appointment_slots
  deferrable initially deferred for each row
  when ((old.appointment_id is not null or old.covered_by is not null or old.is_blocked)
    and new.appointment_id is null and new.is_available and not new.is_blocked)
  execute function booking.slot_freed();
create constraint trigger taken after update on clinic.appointment_slots
  deferrable initially deferred for each row
  when (old.held_for is not null and old.appointment_id is null and new.appointment_id is not null)
  execute function booking.held_slot_taken();
create constraint trigger ended after update on clinic.doctor_leave
  deferrable initially deferred for each row
  when (old.deleted_at is null and (new.deleted_at is not null or new.starts_at > old.starts_at
    or new.ends_at < old.ends_at or new.doctor_id <> old.doctor_id))
  execute function booking.leave_ended();

-- undo
drop trigger ended on clinic.doctor_leave;
drop trigger taken on clinic.appointment_slots;
drop trigger freed on clinic.appointment_slots;
drop trigger updated_at on clinic.waiting_list_entries;
