"""Who reaches which calendar addresses: one's own, administrators all; functions alone write."""

from tests.sql.access_records import HEADS, Access

READ_FIND: Access = {
    "clinic.calendar_feeds": {
        HEADS: "true", "doctor": "doctor_id = '{doctor}'", "patient": "patient_id = '{patient}'",
    },
}  # fmt: skip
CHANGE_FIND: Access = {"clinic.calendar_feeds set fetches = 9": {}}
REFUSED_FIND = (
    ("doctor", "select token_hash from clinic.calendar_feeds"),
    ("admin", "select token_hash from clinic.calendar_feeds"),
    ("admin", "update clinic.calendar_feeds set revoked_at = null"),
    ("worker", "select id from clinic.calendar_feeds"),
    ("staff", "select id from clinic.calendar_feeds"),
)
