-- Which of these tables are audited, and which of their columns are never copied.
call audit.attach('clinic.glass_breaks', 'id');
call audit.attach('clinic.medical_records', 'id');
call audit.attach('clinic.prescriptions', 'id', '{e_prescription_token}');
call audit.attach('clinic.prescription_items', 'id');
call audit.attach('clinic.lab_results', 'id');
call audit.attach('clinic.imaging_results', 'id');
call audit.attach('clinic.vaccination_records', 'id');
call audit.attach('clinic.health_screening_packages', 'id');
call audit.attach('clinic.health_screening_results', 'id');
call audit.attach('clinic.payments', 'id');
call audit.attach('clinic.payment_items', 'id');
call audit.attach('clinic.insurance_claims', 'id', '{policy_number_encrypted}');
call audit.attach('clinic.system_settings', 'id');
call audit.attach('clinic.user_feedback', 'id');

-- undo
call audit.detach('clinic.user_feedback');
call audit.detach('clinic.system_settings');
call audit.detach('clinic.insurance_claims');
call audit.detach('clinic.payment_items');
call audit.detach('clinic.payments');
call audit.detach('clinic.health_screening_results');
call audit.detach('clinic.health_screening_packages');
call audit.detach('clinic.vaccination_records');
call audit.detach('clinic.imaging_results');
call audit.detach('clinic.lab_results');
call audit.detach('clinic.prescription_items');
call audit.detach('clinic.prescriptions');
call audit.detach('clinic.medical_records');
call audit.detach('clinic.glass_breaks');
