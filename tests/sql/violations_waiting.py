"""What breaks each constraint of the waiting list."""

from tests.sql.violations_records import change, copy, first

CHECKS = {
    "waiting_list_entries": {
        "booked": "status = 'booked', closed_at = now()",
        "closed": "closed_at = now()",
        "dates": "latest = '2000-01-01'",
        "day_part": "day_part = 'x'",
        "lengths": "note = repeat('x', 501)",
        "priority": "priority = 4",
        "status": "status = 'x', closed_at = now()",
        "weekdays": "weekdays = '{{0}}'",
    },
    "waiting_list_offers": {
        "answered_through": "answered_through = 'x'",
        "closed": "closed_at = case when status = 'open' then now() end",
        "lengths": "token_hash = ''",
        "status": "status = 'x', closed_at = now()",
        "times": "expires_at = made_at",
    },
    "freed_slots": {"cause": "cause = 'x'"},
}
KEYS = {
    "waiting_list_entries": {
        "appointment": "'{other_appointment}'", "doctor": "'{other_doctor}'",
        "patient": "'{other_patient}'",
    },
    "waiting_list_offers": {
        "entry": first("waiting_list_entries", "other"), "slot": "'{other_slot}'",
        "freed": first("freed_slots", "other"), "notice": first("notifications", "other"),
    },
    "freed_slots": {"slot": "'{other_slot}'"},
}  # fmt: skip

WAITING_VIOLATIONS = (
    {f"{table}_{name}": change(table, settings)
     for table, checks in CHECKS.items() for name, settings in checks.items()}
    | {f"{table}_{key}_fk": change(table, f"{key}_id = {value}")
       for table, keys in KEYS.items() for key, value in keys.items()}
    | {f"{table}_pkey": change(table, f"id = {first(table, 'other')}") for table in CHECKS}
    | {"freed_slots_once": copy("freed_slots")}
)  # fmt: skip
