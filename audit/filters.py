"""Filters that the lists of the trail share."""

from typing import Any

from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.queries import member_names

SPANS = {
    "today": (gettext_lazy("Today"), 0, None),
    "week": (gettext_lazy("Past 7 days"), -6, None),
    "month": (gettext_lazy("Past 30 days"), -29, None),
    "year": (gettext_lazy("Past 12 months"), -364, None),
    "all": (gettext_lazy("Any day"), None, None),
}


class ChosenFilter(SimpleListFilter):
    """Equality on one column; only what is offered can be asked."""

    column = ""

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        if self.value() is None:
            return queryset
        if self.value() not in {str(key) for key, label in self.lookup_choices}:
            raise IncorrectLookupParameters(_("No such choice"))
        return queryset.filter(**{self.column: self.value()})


class ActorFilter(ChosenFilter):
    """Those who work here; patients are found by their own row's history."""

    title = gettext_lazy("who")
    parameter_name = "who"
    column = "user_id"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        names = sorted(member_names().items(), key=lambda item: item[1])
        return [(str(key), name) for key, name in names]
