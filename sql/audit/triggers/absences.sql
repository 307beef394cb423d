-- The functions of an absence write one row at a time.
call audit.attach('clinic.absences', 'id', p_by_row => '{insert,update}');
call audit.attach('clinic.absence_rows', 'id', p_by_row => '{insert,update}');
call audit.attach('clinic.absence_runs', 'id', '{request_hash}', '{insert,update}');

-- undo
call audit.detach('clinic.absence_runs');
call audit.detach('clinic.absence_rows');
call audit.detach('clinic.absences');
