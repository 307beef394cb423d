"""Mirrors of the PostgreSQL enums (sql/clinic/enums); a test keeps both equal."""

from django.db.models import TextChoices


class UserRole(TextChoices):
    PATIENT = "patient", "Patient"
    DOCTOR = "doctor", "Doctor"
    NURSE = "nurse", "Nurse"
    STAFF = "staff", "Reception"
    ADMIN = "admin", "Administrator"
    SUPERADMIN = "superadmin", "Superadmin"


class Gender(TextChoices):
    MALE = "male", "Male"
    FEMALE = "female", "Female"
    OTHER = "other", "Other"
    PREFER_NOT_TO_SAY = "prefer_not_to_say", "Prefers not to say"


class ChasCardType(TextChoices):
    BLUE = "blue", "Blue"
    ORANGE = "orange", "Orange"
    GREEN = "green", "Green"
    NONE = "none", "None"


class EmploymentType(TextChoices):
    FULL_TIME = "full-time", "Full time"
    PART_TIME = "part-time", "Part time"
    CONTRACT = "contract", "Contract"


class PaymentStatus(TextChoices):
    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    REFUNDED = "refunded", "Refunded"
    PARTIAL = "partial", "Partly paid"


class DocumentType(TextChoices):
    LAB_RESULT = "lab_result", "Laboratory result"
    XRAY = "xray", "X-ray"
    SCAN = "scan", "Scan"
    REPORT = "report", "Report"
    PRESCRIPTION = "prescription", "Prescription"
    MC = "mc", "Medical certificate"
    REFERRAL = "referral", "Referral"
    OTHER = "other", "Other"


# Below: values of text columns, held by CHECKs.


class PrescriptionStatus(TextChoices):
    ACTIVE = "active", "Active"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


class CollectionMethod(TextChoices):
    PICKUP = "pickup", "Pick-up"
    DELIVERY = "delivery", "Delivery"


class LabStatus(TextChoices):
    PENDING = "pending", "Pending"
    PARTIAL = "partial", "Partial"
    COMPLETED = "completed", "Completed"
    REVIEWED = "reviewed", "Reviewed"


class ImagingStatus(TextChoices):
    PENDING = "pending", "Pending"
    COMPLETED = "completed", "Completed"
    REVIEWED = "reviewed", "Reviewed"


class ImagingType(TextChoices):
    XRAY = "xray", "X-ray"
    CT = "ct", "CT"
    MRI = "mri", "MRI"
    ULTRASOUND = "ultrasound", "Ultrasound"


class PaymentMethod(TextChoices):
    CASH = "cash", "Cash"
    CARD = "card", "Card"
    PAYNOW = "paynow", "PayNow"
    NETS = "nets", "NETS"


class ItemType(TextChoices):
    CONSULTATION = "consultation", "Consultation"
    MEDICATION = "medication", "Medication"
    PROCEDURE = "procedure", "Procedure"
    LAB = "lab", "Laboratory"
    OTHERS = "others", "Other"


class ClaimType(TextChoices):
    OUTPATIENT = "outpatient", "Outpatient"
    INPATIENT = "inpatient", "Inpatient"
    DAY_SURGERY = "day-surgery", "Day surgery"


class ClaimStatus(TextChoices):
    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    PARTIAL = "partial", "Partly approved"
