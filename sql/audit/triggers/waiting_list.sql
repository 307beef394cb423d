-- What is written of the waiting list, one row at a time; the keys of requests and links are not copied.
call audit.attach('clinic.waiting_list_entries', 'id', '{request_key}', '{insert,update}');
call audit.attach('clinic.waiting_list_offers', 'id', '{token_hash,request_key,answer_key}', '{insert,update}');
call audit.attach('clinic.freed_slots', 'id', p_by_row => '{insert,update}');

-- undo
call audit.detach('clinic.freed_slots');
call audit.detach('clinic.waiting_list_offers');
call audit.detach('clinic.waiting_list_entries');
