-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.doctors add constraint doctors_json check (
  jsonb_typeof(specializations) = 'array' and jsonb_typeof(qualifications) = 'array'
  and jsonb_typeof(languages_spoken) = 'array' and jsonb_typeof(break_times) = 'array'
  and jsonb_typeof(blocked_dates) = 'array');
alter table clinic.staff
  add constraint staff_reporting_to_fk foreign key (clinic_id, reporting_to)
    references clinic.staff (clinic_id, id),
  add constraint staff_json check (
    jsonb_typeof(permissions) = 'object' and jsonb_typeof(accessible_modules) = 'array');
alter table clinic.doctor_working_hours
  add constraint doctor_working_hours_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id);
alter table clinic.doctor_leave
  add constraint doctor_leave_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id);

-- undo
alter table clinic.doctor_leave drop constraint doctor_leave_doctor_fk;
alter table clinic.doctor_working_hours drop constraint doctor_working_hours_doctor_fk;
alter table clinic.staff drop constraint staff_json, drop constraint staff_reporting_to_fk;
alter table clinic.doctors drop constraint doctors_json;
