"""What breaks each constraint of series and overbooking."""

from tests.sql.violations_records import change, copy, first

SERIES = "appointment_series"
VISIT = "update clinic.appointments set {} where id = '{{appointment}}'"

TWIN = """
insert into clinic.appointments (clinic_id, patient_id, doctor_id, appointment_number,
  appointment_date, appointment_time, starts_at, ends_at, status, series_id, series_position)
select clinic_id, patient_id, doctor_id, 'N1', appointment_date, appointment_time, starts_at,
  ends_at, 'no_show', series_id, series_position
from clinic.appointments where id = '{appointment}'
"""

SERIES_VIOLATIONS = {
    "appointment_series_pkey": change(SERIES, f"id = {first(SERIES, 'other')}"),
    "appointment_series_every_weeks": change(SERIES, "every_weeks = 53"),
    "appointment_series_occurrences": change(SERIES, "occurrences = 101"),
    "appointment_series_end": change(SERIES, "until = starts_on"),
    "appointment_series_until": change(SERIES, "occurrences = null, until = starts_on - 1"),
    "appointment_series_weekdays": change(SERIES, "weekdays = '{{0}}'"),
    "appointment_series_patient_fk": copy(SERIES, patient_id="'{other_patient}'"),
    "appointment_series_doctor_fk": change(SERIES, "doctor_id = '{other_doctor}'"),
    "doctors_overbookings": "update clinic.doctors set max_daily_overbookings = 101"
    " where id = '{doctor}'",
    "appointments_series": VISIT.format("series_position = null"),
    "appointments_series_fk": VISIT.format(f"series_id = {first(SERIES, 'other')}"),
    "appointments_series_position": TWIN,
}
