"""What is in a database against what was declared: the live catalogue and sql/catalogue.txt."""

from clinic.catalogue.compare import Difference, compare
from clinic.catalogue.declared import declared, write_declared
from clinic.catalogue.lint import Finding, Lint, findings, offenders
from clinic.catalogue.live import Catalogue, catalogue
from clinic.catalogue.rules_rights import RIGHTS
from clinic.catalogue.rules_tenancy import TENANCY

LINTS = TENANCY + RIGHTS

__all__ = [
    "LINTS", "Catalogue", "Difference", "Finding", "Lint", "catalogue", "compare", "declared",
    "findings", "offenders", "write_declared",
]  # fmt: skip
