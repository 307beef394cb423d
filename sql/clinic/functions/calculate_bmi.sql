-- Body mass index; patients.bmi is generated from it, so it is immutable.
create function clinic.calculate_bmi(height_cm numeric, weight_kg numeric) returns numeric
language sql immutable parallel safe
as $$
  select case when height_cm > 0 and weight_kg > 0
    then round(weight_kg / (height_cm / 100) ^ 2, 2) end
$$;
comment on function clinic.calculate_bmi(numeric, numeric) is
  'kg/m² to two places from centimetres and kilograms; null for null or non-positive values.';
grant execute on function clinic.calculate_bmi(numeric, numeric) to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_patient,
  clinic_worker, clinic_definer;

-- undo
drop function clinic.calculate_bmi(numeric, numeric);
