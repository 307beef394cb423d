"""Who reaches which rows of the waiting list: the desk keeps entries, functions the rest."""

from tests.sql.access_records import DESK, Access

OWN = "patient_id = '{patient}'"
READ_WAITING: Access = {
    "clinic.waiting_list_entries": {DESK: "true", "patient": OWN},
    "clinic.waiting_list_offers": {
        DESK: "true",
        "patient": f"entry_id in (select id from clinic.waiting_list_entries where {OWN})",
    },
    "clinic.freed_slots": {DESK: "true"},
}
CHANGE_WAITING: Access = {
    "clinic.waiting_list_entries set priority = 2": {DESK: "status = 'waiting'"},
    "clinic.waiting_list_offers set status = 'open'": {},
    "clinic.freed_slots set cause = 'block'": {},
}
ENTRY = "(clinic_id, patient_id, earliest, latest, added_by{more}) values"
WANTED = (
    " ('{{clinic}}', '{{patient2}}', '2030-01-01', '2030-02-01', nullif('{{me}}', '')::uuid{value})"
)
ADD_WAITING: dict[str, tuple[str, str]] = {
    "clinic.waiting_list_entries": (DESK, (ENTRY + WANTED).format(more="", value="")),
}
INSERT = "insert into clinic.waiting_list_entries "
AS_ANOTHER = WANTED.replace("{{me}}", "{{dana}}")
REFUSED_WAITING = (
    ("staff", INSERT + (ENTRY + WANTED).format(more=", status", value=", 'booked'")
     .replace("{clinic}", "{home}")),
    ("staff", INSERT + (ENTRY + AS_ANOTHER).format(more="", value="")
     .replace("{clinic}", "{home}")),
    ("staff", "update clinic.waiting_list_entries set status = 'withdrawn'"),
    ("staff", "select token_hash from clinic.waiting_list_offers"),
    ("patient", "select note from clinic.waiting_list_entries"),
    ("patient", "select answered_by from clinic.waiting_list_offers"),
)  # fmt: skip
