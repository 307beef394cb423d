-- Which of these tables are audited, and which of their columns are never copied.
call audit.attach('clinic.notifications', 'id');
call audit.attach('clinic.sms_messages', 'id');
call audit.attach('clinic.whatsapp_messages', 'id');
call audit.attach('clinic.email_messages', 'id');

-- undo
call audit.detach('clinic.email_messages');
call audit.detach('clinic.whatsapp_messages');
call audit.detach('clinic.sms_messages');
call audit.detach('clinic.notifications');
