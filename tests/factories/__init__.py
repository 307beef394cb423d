"""Rows for tests, made as the owner inside one clinic."""

from tests.factories.people import DoctorFactory, PatientFactory, UserFactory
from tests.factories.world import PASSWORD, World, make_world

__all__ = ["PASSWORD", "DoctorFactory", "PatientFactory", "UserFactory", "World", "make_world"]
