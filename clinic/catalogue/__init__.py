"""What is in a database against what was declared: the live catalogue and sql/catalogue.txt."""

from clinic.catalogue.compare import Difference, compare
from clinic.catalogue.declared import declared, write_declared
from clinic.catalogue.live import Catalogue, catalogue

__all__ = ["Catalogue", "Difference", "catalogue", "compare", "declared", "write_declared"]
