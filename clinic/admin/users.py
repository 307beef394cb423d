"""Logins and what they may do here."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.filters import EnumFilter
from clinic.admin.forms import NewUserForm, PasswordForm
from clinic.admin.grants import may_call
from clinic.admin.passwords import password_page
from clinic.admin.scoped import ScopedInline
from clinic.enums import UserRole
from clinic.errors import RowanError
from clinic.models import Membership, User
from clinic.queries import member_names
from clinic.services import create_user, set_password

SET_PASSWORD = "app.set_password(uuid, text)"  # noqa: S105
ELSEWHERE = gettext_lazy("Login of another clinic")


class RoleChoices:
    """Nobody makes a superadmin: the policies refuse it, the form does not offer it."""

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "role":
            blank = [] if "initial" in kwargs else [("", "---------")]
            offered = [c for c in UserRole.choices if c[0] != UserRole.SUPERADMIN]
            kwargs["choices"] = blank + offered
        return super().formfield_for_choice_field(  # type: ignore[misc]
            db_field, request, **kwargs
        )


def is_administrator(request: Any) -> bool:
    return request.role in (UserRole.ADMIN, UserRole.SUPERADMIN)


class MembershipInline(RoleChoices, ScopedInline):
    model = Membership
    fields = ["role", "is_active"]
    verbose_name_plural = gettext_lazy("roles in this clinic")
    ordering = ["role"]

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Nobody changes their own role."""
        allowed = super().has_change_permission(request, obj)
        return allowed and not (obj and obj.pk == request.user.pk)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        allowed = super().has_add_permission(request, obj)
        return allowed and not (obj and obj.pk == request.user.pk)


@admin.register(User)
class UserAdmin(ClinicScopedAdmin):
    group = "people"
    group_order = 4
    list_display = ["full_name", "email", "role", "state", "last_login_at"]
    list_filter = [("role", EnumFilter), "is_active"]
    ordering = ["full_name", "id"]
    search_fields = ["full_name", "email"]
    search_help_text = gettext_lazy("Name or email")
    inlines = [MembershipInline]
    insert_only = ("role",)
    add_form = NewUserForm
    add_fieldsets = [
        (None, {"fields": ["full_name", "email", "phone", "role", "password1", "password2"]})
    ]
    fieldsets = [
        (None, {"fields": ["full_name", "display_name", "email", "phone", "role", "is_active"]}),
        (gettext_lazy("Preferences"), {"fields": ["language", "timezone"]}),
        (
            gettext_lazy("Signing in"),
            {"fields": ["last_login_at", "last_login_ip", "password_changed_at", "is_verified",
                        "locked_until"]},
        ),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: User) -> str:
        return "" if obj.is_active else _("Inactive")

    def label(self, obj: User) -> str:
        return f"{obj.full_name} · {obj.email}"

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Administrators keep logins, superadmins' aside; others their own details."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        if is_administrator(request):
            return bool(obj.role != UserRole.SUPERADMIN)
        return bool(obj.pk == request.user.pk)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """Nobody locks themselves out."""
        names = super().get_readonly_fields(request, obj)
        return [*names, "is_active"] if obj and obj.pk == request.user.pk else names

    def get_inlines(self, request: Any, obj: Any) -> Any:
        return self.inlines if obj else []

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        data = form.cleaned_data
        create_user(
            clinic_id=request.clinic.id, user=obj, role=data["role"], password=data["password1"]
        )

    # --- passwords -----------------------------------------------------------------------------

    def may_set_password(self, request: Any, obj: User) -> bool:
        """Somebody else's, as an administrator; one's own has a page that asks for the old one."""
        return (
            is_administrator(request)
            and obj.pk != request.user.pk
            and obj.role != UserRole.SUPERADMIN
            and may_call(request.role, SET_PASSWORD)
        )

    def object_tools(self, request: Any, obj: User) -> list[tuple[str, str]]:
        if obj.pk == request.user.pk:
            return [(_("Change password"), reverse("admin:password_change"))]
        if self.may_set_password(request, obj):
            return [(_("Set password"), reverse("admin:clinic_user_password", args=[obj.pk]))]
        return []

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.password_view)
        return [
            path("<uuid:pk>/password/", view, name="clinic_user_password"),
            *super().get_urls(),
        ]

    @method_decorator(sensitive_post_parameters())
    def password_view(self, request: Any, pk: UUID) -> HttpResponse:
        """Set the password of another login of the clinic."""
        user = self.get_object(request, str(pk))
        if user is None:
            raise Http404
        if not self.may_set_password(request, user):
            raise PermissionDenied
        form = PasswordForm(user, request.POST or None)
        if form.is_valid() and self._set_password(request, user, form):
            return HttpResponseRedirect(reverse("admin:clinic_user_change", args=[pk]))
        title = _("Set the password of %(name)s") % {"name": user.full_name}
        return password_page(request, self.admin_site.each_context(request), form, title)

    def _set_password(self, request: Any, user: User, form: PasswordForm) -> bool:
        try:
            set_password(user_id=user.pk, password=form.cleaned_data["password1"])
        except RowanError as error:
            raise PermissionDenied from error
        messages.success(request, _("The password was set."))
        return True


@admin.register(Membership)
class MembershipAdmin(RoleChoices, ClinicScopedAdmin):
    """user is not joined: a login whose home is another clinic is not seen, its role here is."""

    group = "people"
    group_order = 5
    list_display = ["who", "role", "state"]
    list_filter = [("role", EnumFilter), "is_active"]
    ordering = ["-is_active", "role", "id"]
    search_fields = ["user__full_name"]
    search_help_text = gettext_lazy("Name")
    autocomplete_fields = ["user"]
    insert_only = ("user",)
    add_fieldsets = [(None, {"fields": ["user", "role", "is_active"]})]
    fieldsets = [(None, {"fields": ["who", "role", "is_active"]})]

    def prepare(self, request: Any, rows: Any) -> None:
        names = member_names()
        for row in rows:
            row.who = names.get(row.user_id)

    @admin.display(description=gettext_lazy("who"))
    def who(self, obj: Membership) -> str:
        if not hasattr(obj, "who"):
            self.prepare(None, [obj])
        return obj.who or str(ELSEWHERE)

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: Membership) -> str:
        return "" if obj.is_active else _("Ended")

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Nobody changes their own role, nobody a superadmin's."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return bool(obj.user_id != request.user.pk and obj.role != UserRole.SUPERADMIN)
