-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.sms_messages
  add constraint sms_messages_notification_fk foreign key (clinic_id, notification_id)
    references clinic.notifications (clinic_id, id);
alter table clinic.whatsapp_messages
  add constraint whatsapp_messages_notification_fk foreign key (clinic_id, notification_id)
    references clinic.notifications (clinic_id, id);
alter table clinic.email_messages
  add constraint email_messages_notification_fk foreign key (clinic_id, notification_id)
    references clinic.notifications (clinic_id, id),
  add constraint email_messages_json check (
    jsonb_typeof(cc_emails) = 'array'
    and jsonb_typeof(bcc_emails) = 'array'
    and jsonb_typeof(attachments) = 'array');

-- undo
alter table clinic.email_messages
  drop constraint email_messages_json,
  drop constraint email_messages_notification_fk;
alter table clinic.whatsapp_messages
  drop constraint whatsapp_messages_notification_fk;
alter table clinic.sms_messages
  drop constraint sms_messages_notification_fk;
