-- updated_at on the tables of services, and whose time an appointment takes: rows that do not say
-- it are given it here, rows that say it wrong are refused by the key to doctors.
create trigger updated_at before update on clinic.services for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.service_doctors for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.service_needs for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.resources for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.resource_pools for each row execute function public.update_updated_at_column();

create function booking.fill_practitioner() returns trigger
language plpgsql volatile
as $$
begin
  select practitioner_id into new.practitioner_id from clinic.doctors
  where clinic_id = new.clinic_id and id = new.doctor_id;
  return new;
end
$$;
comment on function booking.fill_practitioner() is 'Gives an appointment the practitioner of its doctor.';
create trigger practitioner_added before insert on clinic.appointments for each row
  when (new.doctor_id is not null and new.practitioner_id is null)
  execute function booking.fill_practitioner();
create trigger practitioner_changed before update of doctor_id on clinic.appointments for each row
  when (new.doctor_id is distinct from old.doctor_id
    and new.practitioner_id is not distinct from old.practitioner_id)
  execute function booking.fill_practitioner();

-- undo
drop trigger practitioner_changed on clinic.appointments;
drop trigger practitioner_added on clinic.appointments;
drop function booking.fill_practitioner();
drop trigger updated_at on clinic.resource_pools;
drop trigger updated_at on clinic.resources;
drop trigger updated_at on clinic.service_needs;
drop trigger updated_at on clinic.service_doctors;
drop trigger updated_at on clinic.services;
