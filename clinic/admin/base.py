"""What every list and form of the admin shares: PostgreSQL decides, the admin asks and shows."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList, ChangeListSearchForm
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property

from clinic.admin.errors import refusal
from clinic.admin.grants import may_call
from clinic.admin.scoped import Scoped, save_row
from clinic.admin.widgets import is_uuid
from clinic.errors import RowanError
from clinic.tenancy.access import masked, note_access, note_opening

COUNT_CAP = 10_000


class CappedPaginator(Paginator):
    """Counts no further than anybody pages: a count of a big table costs more than its page."""

    cap = COUNT_CAP

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.cap].count())


class OrderedPaginator(CappedPaginator):
    """Counts in the list's order, which keeps the planner on an index.

    Row-level security hides an enum's statistics: counting a rare value would read the table.
    """

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[: self.cap].count())


class SearchForm(ChangeListSearchForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"] = forms.CharField(required=False, strip=False, max_length=200)


class ClinicChangeList(ChangeList):
    search_form_class = SearchForm

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if self.query or request.GET.get("when") == "all":
            # To name its years it would read the whole table.
            self.date_hierarchy = None

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        model_admin: Any = self.model_admin
        if self.query and any(field.name == "patient" for field in self.opts.fields):
            detail = {"query": masked(self.query), "found": self.result_count}
            note_access("SEARCH", self.opts.db_table, detail=detail)
        model_admin.prepare(request, self.result_list)


class ClinicScopedAdmin(Scoped, admin.ModelAdmin):
    """A table of the clinic: list, form, history; no deletion, no log but the audit trail."""

    list_per_page = 50
    show_full_result_count = False
    list_select_related: ClassVar[Any] = ()
    empty_value_display = "—"
    # Where the index shows it: see clinic.admin.site.GROUPS.
    group = "set-up"
    group_order = 5
    # Whether the audit trail has something to say of a row.
    has_history = True
    paginator = CappedPaginator
    search_help_text: ClassVar[Any] = ""

    def label(self, obj: Any) -> str:
        """How a picker names the row."""
        return str(obj)

    def front_desk_path(self, obj: Any) -> str:
        """Where the front desk shows the row, below /c/<code>/; "" for nowhere."""
        return ""

    def object_tools(self, request: Any, obj: Any) -> list[tuple[str, str]]:
        """[(label, URL)] of what else can be done with the row."""
        return []

    def saved_views(self, request: Any) -> list[tuple[Any, str]]:
        """[(label, query string)]: lists that are asked for every day."""
        return []

    def get_inlines(self, request: Any, obj: Any) -> Any:
        # Not by permission: Django asks for that without the row, and would show no rows at all.
        found = super().get_inlines(request, obj)
        return [inline for inline in found if obj or not getattr(inline, "of_stored", False)]

    # --- lists ---------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return ClinicChangeList

    def get_actions(self, request: Any) -> Any:
        """Without those whose SQL function the role may not call (clinic.admin.actions.needs)."""
        return {
            name: action
            for name, action in super().get_actions(request).items()
            if action and self.may_run(request, getattr(action[0], "sql_function", None))
        }

    def may_run(self, request: Any, function: str | None) -> bool:
        return function is None or may_call(request.role, function)

    def prepare(self, request: Any, rows: Any) -> None:
        """Give the rows of a page what one query for all of them can tell."""

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Only what a filter of the list asks for: any other column would answer guesses."""
        name, _, rest = lookup.partition("__")
        if name == self.date_hierarchy and rest in ("year", "month", "day"):
            return str(value).isdecimal() and (rest != "year" or 1900 <= int(value) <= 2200)
        fields, parameters = set(), set()
        for item in self.get_list_filter(request):
            parameters.add(getattr(item, "parameter_name", None))
            fields.add(item[0] if isinstance(item, tuple) else item)
        return lookup in parameters or (name in fields and rest in ("exact", "isnull", "id__exact"))

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        if not all(map(is_uuid, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise SuspiciousOperation("not an id")
        context = {"saved_views": self.saved_views(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_object(self, request: Any, object_id: str, from_field: Any = None) -> Any:
        """Django looks for the row before it asks whether the role may look."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            note_opening(row)
        return row

    # --- forms ---------------------------------------------------------------------------------

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, form=self.form_class(obj), **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        """Only rows may be chosen by a link: other values could be of any type."""
        initial = super().get_changeform_initial_data(request)
        keys = {f.name for f in self.opts.concrete_fields if f.is_relation}
        return {k: v for k, v in initial.items() if k in keys and is_uuid(v)}

    def changeform_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The stock view; what the database refuses is shown on the form, values kept.

        The first look has rolled back its savepoint by then.
        """
        if "_saveasnew" in request.POST:
            raise SuspiciousOperation("rows are not copied")
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (DatabaseError, RowanError) as error:
            request.refusal = refusal(error)
            return super().changeform_view(request, *args, **kwargs)

    def render_change_form(
        self,
        request: Any,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        path = self.front_desk_path(obj) if obj else ""
        context["front_desk_url"] = f"/c/{request.clinic.code}/{path}" if path else ""
        context["tools"] = self.object_tools(request, obj) if obj else []
        context["may_see_history"] = self.has_history and self.admin_site.may_see_history(request)
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if context["errors"]:
            refused = getattr(request, "refusal", None)
            response.status_code = refused.status if refused else 422
        return response

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        granted = self.grants(request).insert
        save_row(obj, request.clinic.id, form.changed_data if change else None, granted)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for row in formset.new_objects:
            save_row(row, request.clinic.id, None)
        for row, changed in formset.changed_objects:
            save_row(row, request.clinic.id, changed)

    # --- what is missing, and what is not there -----------------------------------------------

    def _get_obj_does_not_exist_redirect(self, request: Any, opts: Any, object_id: str) -> Any:
        """Another clinic's row and no row at all are the same page as any wrong address."""
        raise Http404

    def get_urls(self) -> Any:
        """Without the address that forms had before Django 1.9: it redirects for any id."""
        return [url for url in super().get_urls() if str(url.pattern) != "<path:object_id>/"]

    def delete_view(self, request: Any, object_id: str, extra_context: Any = None) -> Any:
        raise Http404

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit trail of the row; audit.admin draws it."""
        if not self.has_history:
            raise Http404
        if not self.admin_site.may_see_history(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        return self.admin_site.history_page(request, self, obj)

    # Django's own log knows no clinic; the audit trail does this, from triggers.
    def log_addition(self, request: Any, obj: Any, message: Any) -> Any: ...
    def log_change(self, request: Any, obj: Any, message: Any) -> Any: ...
    def log_deletions(self, request: Any, queryset: Any) -> Any: ...
