"""Who reaches which rows of the webhook tables: administrators look, functions write."""

from tests.sql.access_records import HEADS, Access

READ_WEBHOOKS: Access = {
    "webhook.sources": {HEADS: "true"},
    "clinic.webhook_events": {HEADS: "true"},
    "clinic.integration_webhooks": {HEADS: "true"},
    "clinic.webhook_logs": {HEADS: "true"},
}
CHANGE_WEBHOOKS: Access = {
    "webhook.sources set name = 'x'": {HEADS: "true"},
    "clinic.webhook_events set error = 'x'": {},
    "clinic.integration_webhooks set name = 'x'": {},
    "clinic.webhook_logs set error_message = 'x'": {},
}
ADD_WEBHOOKS: dict[str, tuple[str, str]] = {
    "webhook.sources": (HEADS, "(clinic_id, name, provider) values ('{clinic}', 'n', 'p')"),
}
REFUSED_WEBHOOKS = (
    ("admin", "insert into webhook.sources (clinic_id, name, provider, secret_pad, secret_set_at)"
     " values ('{home}', 'n', 'p', decode(repeat('00', 128), 'hex'), now())"),
    ("admin", "update webhook.sources set secret_pad = null, secret_set_at = null"),
    ("admin", "select secret_pad from webhook.sources"),
    ("admin", "select secret_encrypted from clinic.integration_webhooks"),
    ("admin", "update clinic.webhook_events set payload = '{{}}'"),
    ("worker", "select from clinic.webhook_events"),
)  # fmt: skip
