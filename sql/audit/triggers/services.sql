-- Which of these tables are audited. The booking functions write one row at a time.
call audit.attach('clinic.services', 'id');
call audit.attach('clinic.service_doctors', 'id');
call audit.attach('clinic.service_needs', 'id');
call audit.attach('clinic.resources', 'id');
call audit.attach('clinic.resource_pools', 'id');
call audit.attach('clinic.appointment_resources', 'id', p_by_row => '{insert,update}');

-- undo
call audit.detach('clinic.appointment_resources');
call audit.detach('clinic.resource_pools');
call audit.detach('clinic.resources');
call audit.detach('clinic.service_needs');
call audit.detach('clinic.service_doctors');
call audit.detach('clinic.services');
