"""What patients of the demo have, and what is done about it. Plain data; demo.charts makes rows."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Drug:
    """price is for the whole pack, in the clinic's currency."""

    name: str
    dosage: str
    frequency: str
    days: int
    quantity: int
    unit: str
    price: Decimal
    antibiotic: bool = False
    controlled: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A laboratory test: {value: (unit, lowest usual, highest usual, highest drawn)}."""

    category: str
    tests: tuple[str, ...]
    values: dict[str, tuple[str, float, float, float]]
    price: Decimal


@dataclass(frozen=True, slots=True)
class Case:
    """code is ICD-10. ill means days off work may be certified."""

    complaint: str
    diagnosis: str
    code: str
    plan: str
    drugs: tuple[Drug, ...] = ()
    panel: Panel | None = None
    xray: str = ""
    ill: bool = False
    follow_up_weeks: int = 0


PARACETAMOL = Drug("Paracetamol", "500 mg", "Up to four times a day", 5, 20, "tablets",
                   Decimal("4.00"))  # fmt: skip
AMLODIPINE = Drug("Amlodipine", "5 mg", "Once a day", 28, 28, "tablets", Decimal("9.80"))
METFORMIN = Drug("Metformin", "500 mg", "Twice a day with food", 28, 56, "tablets",
                 Decimal("11.20"))  # fmt: skip
ATORVASTATIN = Drug("Atorvastatin", "20 mg", "Once a day at night", 28, 28, "tablets",
                    Decimal("14.00"))  # fmt: skip
AMOXICILLIN = Drug("Amoxicillin", "500 mg", "Three times a day", 7, 21, "capsules",
                   Decimal("8.40"), antibiotic=True)  # fmt: skip
CODEINE = Drug("Codeine phosphate", "30 mg", "Up to four times a day", 3, 12, "tablets",
               Decimal("7.20"), controlled=True)  # fmt: skip
CREAM = Drug("Hydrocortisone cream", "1 %", "Thinly, twice a day", 7, 1, "tube", Decimal("6.50"))
SYRUP = Drug("Paracetamol syrup", "120 mg / 5 ml", "Up to four times a day", 3, 1, "bottle",
             Decimal("5.50"))  # fmt: skip

SUGAR = Panel("Diabetes", ("HbA1c", "Fasting glucose"),
              {"HbA1c": ("%", 4.0, 6.0, 9.5), "Fasting glucose": ("mmol/L", 3.9, 6.0, 11.0)},
              Decimal("28.00"))  # fmt: skip
LIPIDS = Panel("Lipids", ("Total cholesterol", "LDL", "HDL"),
               {"Total cholesterol": ("mmol/L", 3.0, 5.2, 7.4), "LDL": ("mmol/L", 1.5, 3.4, 5.2),
                "HDL": ("mmol/L", 1.0, 2.0, 2.3)}, Decimal("22.00"))  # fmt: skip
KIDNEYS = Panel("Renal", ("Creatinine", "Potassium"),
                {"Creatinine": ("µmol/L", 50.0, 110.0, 150.0),
                 "Potassium": ("mmol/L", 3.5, 5.0, 6.4)}, Decimal("18.00"))  # fmt: skip

COLD = Case("Cough, runny nose and fever for two days", "Acute upper respiratory infection",
            "J06.9", "Rest, fluids, paracetamol. Come back if the fever lasts.", (PARACETAMOL,),
            ill=True)  # fmt: skip
THROAT = Case("Painful swallowing for three days", "Acute pharyngitis", "J02.9",
              "Antibiotic for a week; fluids.", (AMOXICILLIN, PARACETAMOL), ill=True)  # fmt: skip
PRESSURE = Case("Blood pressure check, no complaints", "Essential hypertension", "I10",
                "Continue amlodipine, less salt, measure at home.", (AMLODIPINE,), KIDNEYS,
                follow_up_weeks=12)  # fmt: skip
SUGARS = Case("Review of blood sugar", "Type 2 diabetes mellitus", "E11.9",
              "Continue metformin; foot check done; dietitian offered.", (METFORMIN,), SUGAR,
              follow_up_weeks=12)  # fmt: skip
FATS = Case("Here for the results of blood tests", "Hyperlipidaemia", "E78.5",
            "Statin at night; repeat lipids in three months.", (ATORVASTATIN,), LIPIDS,
            follow_up_weeks=12)  # fmt: skip
BACK = Case("Low back pain after lifting", "Low back pain", "M54.5",
            "Stay active, short course of pain relief, exercises shown.", (PARACETAMOL, CODEINE),
            ill=True)  # fmt: skip
RASH = Case("Itchy rash on both forearms", "Contact dermatitis", "L25.9",
            "Avoid the trigger, steroid cream for a week.", (CREAM,))  # fmt: skip
HEAD = Case("Throbbing headaches twice a month", "Migraine", "G43.9",
            "Headache diary; paracetamol early.", (PARACETAMOL,))  # fmt: skip
KNEE = Case("Swollen knee after a fall", "Sprain of knee", "S83.6",
            "Rest, ice, compression. X-ray to exclude a fracture.", (PARACETAMOL,),
            xray="Left knee", ill=True)  # fmt: skip
WELL = Case("General check, feels well", "General medical examination", "Z00.0",
            "Advice on activity and sleep.")  # fmt: skip
SHOT = Case("Here for a vaccination", "Need for immunisation", "Z23", "Vaccinated; observed.")
CHILD_COLD = Case("Fever and cough since yesterday", "Acute upper respiratory infection", "J06.9",
                  "Fluids, paracetamol by weight; warning signs explained.", (SYRUP,),
                  ill=True)  # fmt: skip

# By the reason that the appointment was booked for; whatever is not here is a general check.
CASES = {
    "Cough and fever": COLD, "Follow-up on blood pressure": PRESSURE, "Repeat prescription": SUGARS,
    "Back pain": BACK, "Skin rash": RASH, "Blood test results": FATS, "Travel vaccination": SHOT,
    "Diabetes review": SUGARS, "Headaches": HEAD, "Sore throat": THROAT,
    "Knee pain after a fall": KNEE,
}  # fmt: skip
CHILD_CASES = (CHILD_COLD, RASH, CHILD_COLD, WELL)

# vaccine, brand, doses of the series, weeks between them
VACCINES = (
    ("Influenza", "Vaxigrip Tetra", 1, 52), ("Hepatitis A", "Havrix", 2, 26),
    ("Typhoid", "Typhim Vi", 1, 156), ("Tetanus and diphtheria", "Boostrix", 1, 520),
    ("Human papillomavirus", "Gardasil 9", 3, 9),
)  # fmt: skip
PACKAGES = (
    ("Essential screening", Decimal("88.00"), ("Full blood count", "Glucose", "Cholesterol")),
    ("Heart and sugar", Decimal("148.00"), ("ECG", "HbA1c", "Lipids", "Creatinine")),
)
LABS = {"GFC-TP": "Eastern Diagnostics", "GFC-LDN": "Bloomsbury Pathology"}
INSURERS = {"GFC-TP": "Straits Mutual", "GFC-LDN": "Albion Health"}
