"""Mirrors of the PostgreSQL enums that appointments use."""

from django.db.models import TextChoices


class AppointmentStatus(TextChoices):
    SCHEDULED = "scheduled", "Booked"
    CONFIRMED = "confirmed", "Confirmed"
    IN_PROGRESS = "in_progress", "In room"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    NO_SHOW = "no_show", "Did not attend"
    RESCHEDULED = "rescheduled", "Rescheduled"


class AppointmentType(TextChoices):
    CONSULTATION = "consultation", "Consultation"
    FOLLOW_UP = "follow-up", "Follow-up"
    VACCINATION = "vaccination", "Vaccination"
    SCREENING = "screening", "Screening"


class AppointmentSource(TextChoices):
    ONLINE = "online", "Online"
    WALK_IN = "walk-in", "Walk-in"
    PHONE = "phone", "Phone"


class ResourceKind(TextChoices):
    ROOM = "room", "Room"
    EQUIPMENT = "equipment", "Equipment"


class QueueStatus(TextChoices):
    WAITING = "waiting", "Waiting"
    CALLED = "called", "Called"
    SERVING = "serving", "Serving"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


class TelemedicineStatus(TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    WAITING = "waiting", "Waiting"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


class ContactPreference(TextChoices):
    WHATSAPP = "whatsapp", "WhatsApp"
    CALL = "call", "Call"
    EITHER = "either", "Either"


class LeadStatus(TextChoices):
    NEW = "new", "New"
    CONTACTED = "contacted", "Contacted"
    CONFIRMED = "confirmed", "Confirmed"
    CANCELLED = "cancelled", "Cancelled"


class TransitionAction(TextChoices):
    CONFIRM = "confirm", "Confirmed"
    CHECK_IN = "check_in", "Checked in"
    START = "start", "Moved to room"
    FINISH = "finish", "Finished"
    NO_SHOW = "no_show", "Did not attend"
    LEAVE = "leave", "Left without being seen"
    CANCEL = "cancel", "Cancelled"
    RESCHEDULE = "reschedule", "Moved"
    UNDO = "undo", "Undone"


class Initiator(TextChoices):
    PATIENT = "patient", "Patient"
    CLINIC = "clinic", "Clinic"


class Channel(TextChoices):
    DESK = "desk", "Front desk"
    PORTAL = "portal", "Patient"
    JOB = "job", "Job"


class AbsenceReason(TextChoices):
    SICK = "sick", "Ill"
    FAMILY = "family", "Family matter"
    TRAINING = "training", "Training"
    OTHER = "other", "Another reason"


class AbsenceChoice(TextChoices):
    """What is to become of a visit whose doctor is away."""

    COVER = "cover", "Cover"
    MOVE = "move", "Move"
    ASK = "ask", "Ask"
    CANCEL = "cancel", "Cancel"
    LATER = "later", "Leave for now"


class AbsenceState(TextChoices):
    OPEN = "open", "To be decided"
    ASKED = "asked", "Asked"
    COVERED = "covered", "Covered"
    MOVED = "moved", "Moved"
    CANCELLED = "cancelled", "Cancelled"


class AbsenceAction(TextChoices):
    START = "start", "Recorded"
    SAVE = "save", "Saved for later"
    APPLY = "apply", "Applied"
    ANSWER = "answer", "Answer of a patient"
    UNDO = "undo", "Taken back"


class WaitingStatus(TextChoices):
    WAITING = "waiting", "Waiting"
    OFFERED = "offered", "Offered"
    BOOKED = "booked", "Booked"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class DayPart(TextChoices):
    """By the clinic's wall clock: until 12, from 12 to 17, from 17."""

    ANY = "any", "Any time"
    MORNING = "morning", "Morning"
    AFTERNOON = "afternoon", "Afternoon"
    EVENING = "evening", "Evening"


class OfferStatus(TextChoices):
    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Not answered"
    WITHDRAWN = "withdrawn", "Taken back"


class AnsweredThrough(TextChoices):
    DESK = "desk", "Front desk"
    LINK = "link", "Link"
    PORTAL = "portal", "Patient"


class FreedCause(TextChoices):
    VISIT = "visit", "Visit cancelled or moved"
    BLOCK = "block", "No longer blocked"
    LEAVE = "leave", "Leave taken back"
    HOURS = "hours", "Working hours"
