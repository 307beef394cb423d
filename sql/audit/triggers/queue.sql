-- Which of these tables are audited, and which of their columns are never copied.
call audit.attach('clinic.queue_management', 'id');
call audit.attach('clinic.queue_entries', 'id');
call audit.attach('clinic.telemedicine_sessions', 'id', '{session_token_hash}');
call audit.attach('clinic.public_booking_requests', 'id');

-- undo
call audit.detach('clinic.public_booking_requests');
call audit.detach('clinic.telemedicine_sessions');
call audit.detach('clinic.queue_entries');
call audit.detach('clinic.queue_management');
