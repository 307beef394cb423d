"""People who sign in, and where they may work."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Lower
from django.utils.crypto import salted_hmac
from django_rls.models import RLSManager

from clinic.enums import UserRole
from clinic.fields import CITextField, PgEnumField
from clinic.models.base import (
    LOGIN,
    SoftDelete,
    TenantIsolation,
    TenantModel,
    Timestamps,
    json_default,
)

SECRET_FIELDS = ("password", "two_factor_secret", "refresh_token")


class UserManager(RLSManager):
    """No request role may read the secret columns, so no query asks for them."""

    def get_queryset(self) -> Any:
        return super().get_queryset().defer(*SECRET_FIELDS)


class User(AbstractBaseUser, Timestamps, SoftDelete, TenantModel):
    """A login. clinic is its home; memberships say where it works and as what."""

    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", null=True, editable=False,
        db_index=False,
    )  # fmt: skip
    email = CITextField(max_length=254)
    email_key = models.GeneratedField(
        expression=Lower(Cast("email", models.TextField())),
        output_field=models.TextField(),
        db_persist=True,
    )
    phone = models.CharField(max_length=20, blank=True, db_default="")
    password = models.CharField(  # type: ignore[assignment]
        max_length=255, null=True, db_column="password_hash", editable=False
    )
    full_name = models.CharField(max_length=255)
    display_name = models.CharField(max_length=100, blank=True, db_default="")
    role = PgEnumField(type_name="user_role", choices=UserRole, db_default="patient")
    is_active = models.BooleanField(db_default=True)
    is_verified = models.BooleanField(db_default=False, editable=False)
    email_verified_at = models.DateTimeField(null=True, editable=False)
    phone_verified_at = models.DateTimeField(null=True, editable=False)
    two_factor_enabled = models.BooleanField(db_default=False, editable=False)
    two_factor_secret = models.CharField(max_length=255, null=True, editable=False)
    last_login = None
    last_login_at = models.DateTimeField(null=True, editable=False)
    last_login_ip = models.GenericIPAddressField(null=True, editable=False)
    failed_login_attempts = models.IntegerField(db_default=0, editable=False)
    locked_until = models.DateTimeField(null=True, editable=False)
    password_changed_at = models.DateTimeField(null=True, editable=False)
    refresh_token = models.CharField(max_length=255, null=True, editable=False)
    notification_preferences = models.JSONField(blank=True, **json_default({}))
    language = models.CharField(max_length=5, db_default="en")
    timezone = models.CharField(max_length=50, blank=True, db_default="")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]
    objects = UserManager()

    class Meta:
        db_table = "users"
        base_manager_name = "objects"
        ordering = ["full_name", "id"]
        rls_policies = [
            TenantIsolation(unless=LOGIN, write_unless=LOGIN),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "email_key"], name="users_clinic_email", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(email_key__regex=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), name="users_email"
            ),
            models.CheckConstraint(
                condition=Q(clinic__isnull=False) | Q(role="superadmin"), name="users_home"
            ),
        ]
        indexes = [
            models.Index(fields=["email_key"], name="users_email_key"),
            models.Index(fields=["clinic", "role"], name="users_clinic_role"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.full_name

    # What clinic.auth.find_user reads instead of the password hash.
    session_stamp = ""

    def get_session_auth_hash(self) -> str:
        """Changes with the password, which ends older sessions."""
        return salted_hmac("rowan.session", self.session_stamp, algorithm="sha256").hexdigest()

    # The admin's questions. What a role may do is asked of PostgreSQL (clinic/admin).
    @property
    def is_staff(self) -> bool:
        return self.is_active

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return True


class Membership(Timestamps, TenantModel):
    """One role that a user holds in one clinic. user may have another home clinic."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = PgEnumField(type_name="user_role", choices=UserRole)
    is_active = models.BooleanField(db_default=True)

    class Meta:
        db_table = "memberships"
        ordering = ["clinic", "user", "role"]
        rls_policies = [
            TenantIsolation(unless=LOGIN),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "user", "role"], name="memberships_clinic_user_role"
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()
