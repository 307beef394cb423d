-- Which tables of the booking app are audited. Counters are left out: each number that they give
-- stands on an audited row. The booking functions write one row at a time; slots are made by the day.
call audit.attach('clinic.appointments', 'id', p_by_row => '{insert,update}');
call audit.attach('clinic.appointment_slots', 'id', p_by_row => '{update}');
call audit.attach('booking.booking_requests', 'idempotency_key', '{request_hash}', '{insert,update}');

-- undo
call audit.detach('booking.booking_requests');
call audit.detach('clinic.appointment_slots');
call audit.detach('clinic.appointments');
