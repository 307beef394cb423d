-- Which tables of the booking app are audited. Counters are left out: each number that they give
-- stands on an audited row.
call audit.attach('clinic.appointments', 'id');
call audit.attach('clinic.appointment_slots', 'id');
call audit.attach('booking.booking_requests', 'idempotency_key', '{request_hash}');

-- undo
call audit.detach('booking.booking_requests');
call audit.detach('clinic.appointment_slots');
call audit.detach('clinic.appointments');
