"""For whom a time is held is the desk's to know."""

REFUSED_HOLDS = (
    ("nurse", "select held_for from clinic.appointment_slots"),
    ("doctor", "select held_for from clinic.appointment_slots"),
    ("patient", "select held_for from clinic.appointment_slots"),
)
