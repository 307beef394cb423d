-- Which tables of the clinic app are audited, and which of their columns are never copied.
call audit.attach('clinic.clinics', 'id');
call audit.attach('clinic.users', 'id', '{password_hash,two_factor_secret,refresh_token,email_key}');
call audit.attach('clinic.memberships', 'id');
call audit.attach('clinic.patients', 'id',
  '{nric_encrypted,nric_hash,passport_number_encrypted,chas_card_number_encrypted,insurance_policy_number_encrypted,name_key,last_name_key}');
call audit.attach('clinic.doctors', 'id');
call audit.attach('clinic.staff', 'id');
call audit.attach('clinic.doctor_working_hours', 'id');
call audit.attach('clinic.doctor_leave', 'id');
call audit.attach('clinic.clinic_entries', 'id');

-- undo
call audit.detach('clinic.clinic_entries');
call audit.detach('clinic.doctor_leave');
call audit.detach('clinic.doctor_working_hours');
call audit.detach('clinic.staff');
call audit.detach('clinic.doctors');
call audit.detach('clinic.patients');
call audit.detach('clinic.memberships');
call audit.detach('clinic.users');
call audit.detach('clinic.clinics');
