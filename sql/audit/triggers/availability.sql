-- When a doctor works and the clinic is open, and who went over a limit.
call audit.attach('clinic.extra_sessions', 'id');
call audit.attach('clinic.holidays', 'id');
call audit.attach('clinic.limit_permits', 'id', p_by_row => '{insert,update}');

-- undo
call audit.detach('clinic.limit_permits');
call audit.detach('clinic.holidays');
call audit.detach('clinic.extra_sessions');
