"""What the admin holds for a role: the list beside every page, and on the index.

Grants are asked once per process (clinic.admin.grants), so what follows from them is made once as
well: at the root, without a clinic in its addresses, and then put below the clinic's.
"""

from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape

from clinic.admin.grants import TableGrants

Groups = list[dict[str, Any]]
ROOT = "/admin/"


@dataclass(slots=True)
class Menu:
    """groups is the role's AdminSite.get_app_list at the root; grants are what it was made from."""

    grants: dict[str, TableGrants]
    groups: Groups
    _drawn: dict[str, str] = field(default_factory=dict)

    def below(self, base: str) -> Groups:
        """The groups with addresses below base, the admin's index; the caller may change them."""
        return [
            {**group, "models": [moved(model, base) for model in group["models"]]}
            for group in self.groups
        ]

    def html(self, base: str, path: str) -> str:
        """The list as it stands beside the page at path, with its place in the list marked."""
        path = ROOT + path.removeprefix(base)
        lists = (model["admin_url"] for group in self.groups for model in group["models"])
        here = next((url for url in lists if url and path.startswith(url)), "")
        if here not in self._drawn:
            context = {"app_list": self.groups, "here": here}
            self._drawn[here] = render_to_string("admin/app_list.html", context)
        return self._drawn[here].replace(f'href="{ROOT}', f'href="{escape(base)}')


def moved(model: dict[str, Any], base: str) -> dict[str, Any]:
    """A model of a group at the root, with its addresses below base."""
    urls = {key: model[key] and base + model[key][len(ROOT) :] for key in ("admin_url", "add_url")}
    return {**model, **urls}
