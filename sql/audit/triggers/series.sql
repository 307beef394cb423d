-- A series is written once, as one row.
call audit.attach('clinic.appointment_series', 'id', p_by_row => '{insert,update}');

-- undo
call audit.detach('clinic.appointment_series');
