-- Which of these tables are audited. What senders wrote is not copied, and no secret is.
call audit.attach('webhook.sources', 'id', '{secret_pad,old_secret_pad}');
call audit.attach('clinic.webhook_events', 'id', '{payload,body_digest,signature}');
call audit.attach('clinic.integration_webhooks', 'id', '{secret_encrypted,headers}');
call audit.attach('clinic.webhook_logs', 'id', '{payload,response_body}');

-- undo
call audit.detach('clinic.webhook_logs');
call audit.detach('clinic.integration_webhooks');
call audit.detach('clinic.webhook_events');
call audit.detach('webhook.sources');
