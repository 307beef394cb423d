"""Who reaches which rows of the series: whoever sees a visit; the booking functions write."""

from tests.sql.access_records import CARE, OWN, Access

BY_VISIT = (
    "exists (select from clinic.appointments a where a.series_id = appointment_series.id"
    " and a.deleted_at is null and a.{})"
)
READ_SERIES: Access = {
    "clinic.appointment_series": {
        CARE: "true",
        "doctor": BY_VISIT.format("doctor_id = '{doctor}'"),
        "patient": BY_VISIT.format(OWN),
    },
}
CHANGE_SERIES: Access = {"clinic.appointment_series set every_weeks = 2": {}}
REFUSED_SERIES = (
    ("patient", "select visit_reason from clinic.appointment_series"),
    ("patient", "select created_by from clinic.appointment_series"),
    ("staff", "update clinic.appointments set series_id = null, series_position = null"),
)
