"""Filters of lists: the clinic's values only, and only ones that exist."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.admin import ChoicesFieldListFilter, RelatedFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class EnumFilter(ChoicesFieldListFilter):
    """A PostgreSQL enum refuses words that it does not know: they are refused before."""

    def queryset(self, request: Any, queryset: QuerySet) -> Any:
        chosen: Any = self.used_parameters.get(self.lookup_kwarg, [])
        if not set(chosen) <= {value for value, label in self.field.flatchoices}:
            raise IncorrectLookupParameters(_("No such choice"))
        return super().queryset(request, queryset)


class ScopedFilter(RelatedFieldListFilter):
    """Rows of the clinic, as the related list shows them."""

    def field_choices(self, field: Any, request: Any, model_admin: Any) -> list[Any]:
        related = model_admin.admin_site.get_model_admin(field.remote_field.model)
        return [(row.pk, related.label(row)) for row in related.get_queryset(request)]


def midnight(day: dt.date) -> dt.datetime:
    """Where the clinic's day begins."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


class DaysFilter(SimpleListFilter):
    """Spans of the clinic's days over an instant, as a range that an index serves.

    spans: {parameter: (label, first day, days)}, days counted from today; days None has no end.
    default is the span of a list that was asked for nothing: a search or a year looks at all days.
    """

    title = gettext_lazy("day")
    parameter_name = "when"
    column: ClassVar[str]
    default: ClassVar[str] = ""
    # Whether the column is a date: nothing but a date may be compared with it.
    dates: ClassVar[bool] = False
    spans: ClassVar[dict[str, tuple[Any, int | None, int | None]]] = {}

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, (label, first, days) in self.spans.items()]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        key = self.value() or self.standing(request)
        if not key:
            return queryset
        if key not in self.spans:
            raise IncorrectLookupParameters(_("No such choice"))
        _label, first, days = self.spans[key]
        bounds = {}
        start = timezone.localdate() + dt.timedelta(days=first or 0)
        if first is not None:
            bounds[f"{self.column}__gte"] = self.bound(start)
        if days is not None:
            bounds[f"{self.column}__lt"] = self.bound(start + dt.timedelta(days=days))
        return queryset.filter(**bounds)

    def bound(self, day: dt.date) -> dt.date:
        """Where day begins, as the column says it."""
        return day if self.dates else midnight(day)

    def standing(self, request: Any) -> str:
        """The span that holds without being asked for."""
        narrowed = request.GET.get("q") or f"{self.column}__year" in request.GET
        return "" if narrowed else self.default

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without "All" where a default stands in for it."""
        every = super().choices(changelist)
        for choice in every:
            if not (self.default and choice["query_string"] == self._without(changelist)):
                yield self._chosen(choice, changelist)

    def get_facet_counts(self, pk_attname: str, filtered_qs: QuerySet) -> dict[str, Any]:
        """No counts: those of all days would read the whole table."""
        return {}

    def _without(self, changelist: Any) -> str:
        return str(changelist.get_query_string(remove=[self.parameter_name]))

    def _chosen(self, choice: Any, changelist: Any) -> Any:
        if self.default and not self.value():
            key = self.standing(self.request) or "all"
            mine = changelist.get_query_string({self.parameter_name: key})
            choice["selected"] = choice["query_string"] == mine
        return choice


def days_filter(
    field: str, spans: dict[str, Any], *, default: str = "", dates: bool = False
) -> type[DaysFilter]:
    """A DaysFilter over one column, of instants or of dates."""
    options = {"column": field, "spans": spans, "default": default, "dates": dates}
    return type("DaysFilter", (DaysFilter,), options)
