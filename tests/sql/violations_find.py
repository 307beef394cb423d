"""What breaks each constraint of calendar addresses."""

from tests.sql.violations_records import change, first

LIVE = (
    "(select {0} from clinic.calendar_feeds where clinic_id = '{{home}}'"
    " and {0} is not null limit 1)"
)
NEW = (
    "insert into clinic.calendar_feeds (clinic_id, doctor_id, patient_id, token_hash)"
    " values ('{{home}}', {}, {}, {})"
)
HASH = "sha256('n')"

FIND_VIOLATIONS = {
    "calendar_feeds_pkey": change("calendar_feeds", f"id = {first('calendar_feeds', 'other')}"),
    "calendar_feeds_doctor": NEW.format(LIVE.format("doctor_id"), "null", HASH),
    "calendar_feeds_patient": NEW.format("null", LIVE.format("patient_id"), HASH),
    "calendar_feeds_doctor_fk": NEW.format("'{other_doctor}'", "null", HASH),
    "calendar_feeds_patient_fk": NEW.format("null", "'{other_patient}'", HASH),
    "calendar_feeds_owner": NEW.format("null", "null", HASH),
    "calendar_feeds_hash": change("calendar_feeds", "token_hash = 'short'"),
    "calendar_feeds_values": change("calendar_feeds", "fetches = -1"),
}
