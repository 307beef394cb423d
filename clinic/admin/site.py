"""The admin site: open to people who work in the clinic, scoped by PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.db.models import IntegerField, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from clinic.admin.base import COUNT_CAP
from clinic.admin.grants import role_grants, table_grants
from clinic.admin.menu import Groups, Menu
from clinic.admin.pages import error_page, front_desk_links
from clinic.admin.passwords import own_password
from clinic.models import Clinic

GROUPS = {
    "appointments": _("Appointments"),
    "people": _("People"),
    "records": _("Records"),
    "money": _("Money"),
    "messages": _("Messages"),
    "set-up": _("Set-up"),
    "oversight": _("Oversight"),
}
# Leaving goes through /logout/, in no clinic; nothing here has a page of its own on the site.
DROPPED = ("logout", "view_on_site", "password_change_done")


class CountOf(Subquery):
    """How many rows a query has, inside another query."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


class LabelledAutocomplete(AutocompleteJsonView):
    """Rows by the label that their list gives them."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        model_admin: Any = self.model_admin
        return {"id": str(getattr(obj, to_field_name)), "text": model_admin.label(obj)}


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that waits for an administrator, and the page, below the admin, that settles it."""

    text: str
    path: str


def refuse_nul(request: HttpRequest) -> None:
    """PostgreSQL's text cannot hold NUL, so no query may be asked with one."""
    for values in (request.GET, request.POST):
        if any("\x00" in text for key in values for text in (key, *values.getlist(key))):
            raise BadRequest("NUL")


class RowanAdminSite(AdminSite):
    site_header = "Rowan"
    site_title = "Rowan admin"
    index_title = _("Administration")
    empty_value_display = "—"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")
        # What waits, asked of each app: (request) -> list[Attention].
        self.attention: list[Callable[[Any], list[Attention]]] = []
        # audit.admin puts its page here: (request, model admin, row) -> response.
        self.history_page: Callable[..., HttpResponse] | None = None
        self._menus: dict[str, Menu] = {}

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Django's own models stay out: their lists are not scoped, and no role may read them."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        ours = [model for model in models if not model.__module__.startswith("django.")]
        super().register(ours, admin_class, **options)

    def has_permission(self, request: Any) -> bool:
        return request.role in ("doctor", "nurse", "staff", "admin", "superadmin")

    def may_see_history(self, request: Any) -> bool:
        """Whether the role may read the audit trail."""
        return bool(self.history_page and table_grants(request.role, "audit_logs").select)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """The view with its page drawn inside the request's transaction.

        Django draws a TemplateResponse after the transaction, where there is no clinic any more.
        """

        def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if not self.has_permission(request):
                    raise PermissionDenied
                refuse_nul(request)
                response = view(request, *args, **kwargs)
                return response.render() if hasattr(response, "render") else response
            except PermissionDenied:
                return error_page(request, 403)
            except Http404:
                return error_page(request, 404)

        wrapped = csrf_protect(inner if cacheable else never_cache(inner))
        return update_wrapper(wrapped, view)

    def get_urls(self) -> Any:
        return [url for url in super().get_urls() if getattr(url, "name", "") not in DROPPED]

    def login(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Who gets here has signed in at /login/ already: see the middleware."""
        return HttpResponseRedirect(self.home())

    @transaction.non_atomic_requests
    def password_change(self, request: Any, extra_context: Any = None) -> Any:
        """Outside of a transaction: the old password and the session belong to no clinic."""
        return own_password(request, self.each_context(request))

    def autocomplete_view(self, request: Any) -> Any:
        return LabelledAutocomplete.as_view(admin_site=self)(request)

    def get_log_entries(self, request: Any) -> Any:
        """Django's log is not kept."""
        return ()

    def get_app_list(self, request: Any, app_label: str | None = None) -> list[dict[str, Any]]:
        """By what people look for, not by the app that holds it."""
        if app_label:
            apps = self._build_app_dict(request, app_label)
            return [app for app in apps.values() if app["models"]]
        return self.menu(request).below(self.home())

    def home(self) -> str:
        """The address of the index, in the clinic of the request."""
        return reverse("admin:index", current_app=self.name)

    def menu(self, request: Any) -> Menu:
        """What the role of the request may see."""
        grants, found = role_grants(request.role), self._menus.get(request.role)
        if found is None or found.grants is not grants:
            with front_desk_links():
                found = Menu(grants, self._groups(request))
            self._menus[request.role] = found
        return found

    def each_context(self, request: Any) -> dict[str, Any]:
        return {**super().each_context(request), "sidebar": partial(self.sidebar, request)}

    def sidebar(self, request: Any) -> str:
        return self.menu(request).html(self.home(), request.path)

    def _groups(self, request: Any) -> Groups:
        models = [m for app in self._build_app_dict(request).values() for m in app["models"]]
        admins: dict[Any, Any] = dict(self._registry)
        groups = []
        for key, name in GROUPS.items():
            mine = [m for m in models if admins[m["model"]].group == key]
            mine.sort(key=lambda m: (admins[m["model"]].group_order, m["name"]))
            if mine:
                groups.append({"name": name, "app_label": key, "app_url": "", "models": mine})
        return groups

    def index(self, request: Any, extra_context: Any = None) -> Any:
        groups = self.get_app_list(request)
        models = [model for group in groups for model in group["models"]]
        for model, count in zip(models, self.counts(request, models), strict=True):
            model["count"] = f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"
        waiting = [item for ask in self.attention for item in ask(request)]
        context = {"app_list": groups, "attention": waiting, **(extra_context or {})}
        return super().index(request, context)

    def counts(self, request: Any, models: list[dict[str, Any]]) -> list[int]:
        """Rows of each model that the clinic has, none counted beyond COUNT_CAP. One query."""
        counted = {
            f"n{i}": CountOf(self._capped(request, model["model"]))
            for i, model in enumerate(models)
        }
        clinic = Clinic.objects.filter(id=request.clinic.id).order_by()
        return list(clinic.values_list(*counted.values()).get()) if counted else []

    def _capped(self, request: Any, model: Any) -> QuerySet:
        """Which rows a list has, without what it fetches along with them."""
        model_admin: Any = self._registry[model]
        rows: QuerySet = model_admin.of_clinic(model._default_manager.all(), request.clinic.id)
        return rows.order_by().values("pk")[: COUNT_CAP + 1]


# The same object as django.contrib.admin.site, with its type.
site: RowanAdminSite = admin.site  # type: ignore[assignment]
