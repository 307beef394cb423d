"""The clinic's rows and the role's columns, for lists, forms and rows inside forms.

Row-level security decides which rows there are; the clinic filter here is for the planner. What a
role may add, change and read comes from the grants (clinic.admin.grants).
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS, models
from django.utils.text import capfirst

from clinic.admin.forms import ClinicModelForm, LinesField, PrettyJSONField, db_initial
from clinic.admin.grants import TableGrants, table_grants, unreadable
from clinic.admin.widgets import ClinicAutocomplete, LabelledDateTime


class Scoped:
    """Shared by lists, forms and inlines: the clinic's rows, the role's columns."""

    clinic_path = "clinic_id"
    # Columns that are chosen once, with the row.
    insert_only: tuple[str, ...] = ()
    # JSON columns that are lists of texts.
    line_fields: tuple[str, ...] = ()
    form: Any = ClinicModelForm
    add_form: type[forms.ModelForm] | None = None
    add_fieldsets: Any = None
    opts: Any
    admin_site: Any

    def grants(self, request: Any) -> TableGrants:
        """What the role of this request may do with the table."""
        return table_grants(request.role, self.opts.db_table)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(self.grants(request).select)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(self.grants(request).insert)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(self.grants(request).update)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request)  # type: ignore[misc]
        hidden = unreadable(request.role, self.opts.concrete_fields)
        joined = getattr(self, "list_select_related", None) or ()
        for path in joined:
            model = self._related_model(path)
            names = unreadable(request.role, model._meta.concrete_fields)
            hidden += [f"{path}__{name}" for name in names]
        rows = rows.select_related(*joined) if joined else rows
        return self.of_clinic(rows, request.clinic.id).defer(*hidden)

    def of_clinic(self, rows: Any, clinic_id: Any) -> Any:
        return rows.filter(**{self.clinic_path: clinic_id})

    def _related_model(self, path: str) -> Any:
        model = self.opts.model
        for step in path.split("__"):
            model = model._meta.get_field(step).related_model
        return model

    def form_class(self, obj: Any) -> type[forms.ModelForm]:
        """The form of a new row (obj None) or of obj."""
        return self.add_form if obj is None and self.add_form else self.form

    def editable(self, request: Any, name: str, obj: Any) -> bool:
        """Whether the role may write this field of a new row (obj None) or of obj."""
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return name in self.form_class(obj).declared_fields
        if not (field.concrete and field.editable):
            return False
        grants = self.grants(request)
        if obj is not None:
            return field.column in grants.update
        chosen_once = name in self.insert_only and field.column in grants.insert
        return chosen_once or field.column in grants.insert & grants.update

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        names = flatten_fieldsets(self.all_fieldsets(request, obj))
        return [name for name in names if not self.editable(request, name, obj)]

    def all_fieldsets(self, request: Any, obj: Any = None) -> Any:
        if obj is None and self.add_fieldsets:
            return self.add_fieldsets
        return super().get_fieldsets(request, obj)  # type: ignore[misc]

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """A new row has nothing to show in fields that cannot be written."""
        fieldsets = self.all_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        readonly = set(self.get_readonly_fields(request))
        kept = [
            (title, {**options, "fields": [f for f in options["fields"] if f not in readonly]})
            for title, options in fieldsets
        ]
        return [(title, options) for title, options in kept if options["fields"]]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.has_db_default():
            kwargs = {**db_initial(db_field), **kwargs}
        if isinstance(db_field, models.JSONField):
            lines = db_field.name in self.line_fields
            kwargs["form_class"] = LinesField if lines else PrettyJSONField
            kwargs["show_hidden_initial"] = False
        if isinstance(db_field, models.DateTimeField):
            kwargs["widget"] = LabelledDateTime()
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and isinstance(field.widget, LabelledDateTime):
            field.widget.label(str(field.label))
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        related = self.admin_site.get_model_admin(db_field.remote_field.model)
        kwargs["queryset"] = related.get_queryset(request)
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = ClinicAutocomplete(db_field, self.admin_site)
        field = super().formfield_for_foreignkey(  # type: ignore[misc]
            db_field, request, **kwargs
        )
        field.label_from_instance = related.label
        return field


# Rows inside a form.
MOST_ROWS = 200


class ScopedInline(Scoped, admin.TabularInline):
    """Rows of a row. Nothing is deleted anywhere."""

    extra = 0
    can_delete = False
    max_num = MOST_ROWS
    # Left out while the row around it is new.
    of_stored = False

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        """A post does not say how much work it makes; max_num is 0 here for who may not add."""
        return super().get_formset(request, obj, absolute_max=MOST_ROWS + 1, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """A column's head is no label for the fields below it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and not isinstance(field.widget, LabelledDateTime):
            field.widget.attrs["aria-label"] = str(capfirst(field.label))
        return field


def save_row(
    row: Any, clinic_id: UUID, changed: list[str] | None, granted: frozenset[str] | None = None
) -> None:
    """Insert a row into the clinic, or write those of its columns that changed.

    granted are the columns that the role may name in a new row; None stands for all of them.
    """
    if changed is None:
        row.clinic_id = clinic_id
        insert(row, granted)
        return
    columns = {field.name for field in row._meta.concrete_fields}
    if names := [name for name in changed if name in columns]:
        row.save(update_fields=names)


def insert(row: Any, granted: frozenset[str] | None) -> None:
    """Django names every column of a new row, even with DEFAULT: leave out those not granted."""
    written = [field for field in row._meta.local_concrete_fields if not field.generated]
    if granted is None or granted.issuperset(field.column for field in written):
        row.save(force_insert=True)
        return
    fields = [field for field in written if field.column in granted]
    given = row._meta.db_returning_fields
    ((*values,),) = type(row)._base_manager._insert(
        [row], fields=fields, using=DEFAULT_DB_ALIAS, returning_fields=given
    )
    for field, value in zip(given, values, strict=True):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
