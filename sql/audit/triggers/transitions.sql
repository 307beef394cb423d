-- The booking functions write one row at a time.
call audit.attach('clinic.appointment_transitions', 'id', p_by_row => '{insert,update}');

-- undo
call audit.detach('clinic.appointment_transitions');
