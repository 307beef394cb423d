"""What the webhook functions answer: (name, about, role, statement, wanted, before, after)."""

from tests.factories.webhooks import KEY

EVENTS, SOURCES = "clinic.webhook_events", "webhook.sources"
AUDITED = "audit.audit_logs"
# The superuser signs, and leaves the signature in a setting.
SIGN = (
    "select set_config('probe.at', extract(epoch from statement_timestamp())::bigint::text, true),"
    " set_config('probe.signature', encode(public.hmac(convert_to('%s.' ||"
    " extract(epoch from statement_timestamp())::bigint || '.{{}}', 'UTF8'), decode('"
    + KEY.hex()
    + "', 'hex'),"
    " 'sha256'), 'base64'), true),"
    " set_config('probe.source', (select id::text from webhook.sources where clinic_id = '{%s}'),"
    " true)"
)
DELIVER = (
    "select webhook.receive('{pass}', current_setting('probe.source')::uuid, '%s',"
    " current_setting('probe.at'), array[current_setting('probe.signature')], '{{}}'::bytea, true)"
)
EVENT = (
    "select set_config('probe.event', (select id::text from clinic.webhook_events"
    " where clinic_id = '{%s}'), true)"
)
MINE = "current_setting('probe.event')::uuid"
LEASED = (
    "; update clinic.webhook_events set status = 'processing', attempts = %d, locked_by = 'w',"
    " lease_until = clock_timestamp() + interval '%s'"
)
STATUS = f"select status from clinic.webhook_events where id = {MINE}"
MARK = f"select webhook.mark_event_result({MINE}, '%s', 'why', '%s')"
INTENT = (
    "; update clinic.payments set payment_gateway = 'demopay', payment_intent_id = 'pi_1'"
    " where id = '{payment}'"
)
SETTLE = f"select webhook.settle_payment({MINE}, 'pi_1', %s, 'ref')"
PAID = "select status || ' ' || outstanding_amount from clinic.payments where id = '{payment}'"
SIGNED = SIGN % ("new", "home")
DUE = "select count(*) from webhook.claim_next_event('w', 1000)"

WEBHOOK_ANSWERS = (
    # at the door
    ("a delivery", f"{EVENTS} {SOURCES} {AUDITED}", "app", DELIVER % "new", "stored", SIGNED, ""),
    ("a delivery elsewhere", f"{EVENTS} {SOURCES}", "app", DELIVER % "new", "stored",
     SIGN % ("new", "other"), ""),
    ("another id than was signed", f"{EVENTS} {SOURCES}", "app", DELIVER % "old", "refused",
     SIGNED, ""),
    ("a source that is switched off", f"{EVENTS} {SOURCES}", "app", DELIVER % "new", "unknown",
     SIGNED + "; update webhook.sources set is_active = false", ""),
    ("the stocked event with another body", f"{EVENTS} {SOURCES}", "app", DELIVER % "stock",
     "conflict", SIGN % ("stock", "home"), ""),
    ("no delivery inside", SOURCES, "staff", DELIVER % "new", "42501", SIGNED, ""),
    # the queue
    ("claim", f"{EVENTS} {AUDITED}", "worker", DUE, 1, "", ""),
    ("claim without a context", EVENTS, "worker!", DUE, "RW002", "", ""),
    ("claim as an administrator", EVENTS, "admin", DUE, "42501", "", ""),
    ("claim after the lease", EVENTS, "worker", DUE, 1,
     EVENT % "home" + LEASED % (1, "-1 s"), ""),
    ("claim within the lease", EVENTS, "worker", DUE, 0, EVENT % "home" + LEASED % (1, "1 s"), ""),
    ("claim after the last lease", EVENTS, "worker", DUE, "dead_letter",
     EVENT % "home" + LEASED % (10, "-1 s"), STATUS),
    ("done", EVENTS, "worker", MARK % ("success", "w"), "success",
     EVENT % "home" + LEASED % (1, "1 min"), STATUS),
    ("failed", EVENTS, "worker", MARK % ("failed", "w"), "failed",
     EVENT % "home" + LEASED % (9, "1 min"), STATUS),
    ("failed at last", EVENTS, "worker", MARK % ("failed", "w"), "dead_letter",
     EVENT % "home" + LEASED % (10, "1 min"), STATUS),
    ("done by another", EVENTS, "worker", MARK % ("success", "v"), "processing",
     EVENT % "home" + LEASED % (1, "1 min"), STATUS),
    ("done too late", EVENTS, "worker", MARK % ("success", "w"), "processing",
     EVENT % "home" + LEASED % (1, "-1 s"), STATUS),
    ("done elsewhere", EVENTS, "worker", MARK % ("success", "w"), "processing",
     EVENT % "other" + LEASED % (1, "1 min"), STATUS),
    # administrators
    ("again", EVENTS, "admin", f"select webhook.retry_event({MINE})", "pending",
     EVENT % "home" + "; update clinic.webhook_events set status = 'dead_letter'", STATUS),
    ("again elsewhere", EVENTS, "admin", f"select webhook.retry_event({MINE})", "dead_letter",
     EVENT % "other" + "; update clinic.webhook_events set status = 'dead_letter'", STATUS),
    ("give up", EVENTS, "admin", f"select webhook.bury_event({MINE}, 'why')", "dead_letter",
     EVENT % "home", STATUS),
    ("give up elsewhere", EVENTS, "admin", f"select webhook.bury_event({MINE}, 'why')", "pending",
     EVENT % "other", STATUS),
    ("a secret", f"{SOURCES} {AUDITED}", "admin",
     "select webhook.rotate_secret(id) ~ '^whsec_[A-Za-z0-9+/]{{43}}=$' from webhook.sources",
     True, "", ""),
    ("a secret elsewhere", SOURCES, "admin",
     "select webhook.rotate_secret(current_setting('probe.source')::uuid)", "RW003",
     SIGN % ("new", "other"), ""),
    ("a secret by the desk", SOURCES, "staff",
     "select webhook.rotate_secret(current_setting('probe.source')::uuid)", "42501", SIGNED, ""),
    # money
    ("paid", f"clinic.payments {EVENTS} {SOURCES} {AUDITED}", "worker", SETTLE % 50,
     "completed 0.00", EVENT % "home" + INTENT, PAID),
    ("paid too little", "clinic.payments", "worker", SETTLE % "49.99", "mismatch",
     EVENT % "home" + INTENT, ""),
    ("paid by an event elsewhere", "clinic.payments", "worker", SETTLE % 50, "unknown",
     EVENT % "other" + INTENT, ""),
    ("paid without a context", "clinic.payments", "worker!", SETTLE % 50, "RW001",
     EVENT % "home" + INTENT, ""),
)  # fmt: skip
