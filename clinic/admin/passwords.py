"""Passwords: the old one is asked of the login functions, the new one goes through one function."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from clinic.admin.forms import OwnPasswordForm, PasswordForm
from clinic.admin.pages import error_page
from clinic.auth import login_blocked
from clinic.services import confirm_password, session_stamp, set_password
from clinic.tenancy.middleware import client_ip


@never_cache
@sensitive_post_parameters()
def own_password(request: Any, context: dict[str, Any]) -> HttpResponse:
    """One's own password. Runs outside of a transaction; writes inside one, in the clinic."""
    user, ip = request.user, client_ip(request)
    if request.method == "POST" and login_blocked(user.email, ip):
        return error_page(request, 429, title=_("Too many tries"))
    confirm = partial(confirm_password, user=user, ip=ip)
    form = OwnPasswordForm(user, request.POST or None, confirm=lambda text: confirm(password=text))
    if not form.is_valid():
        return password_page(request, context, form, _("Change your password"))
    with transaction.atomic():
        encoded = set_password(user_id=user.pk, password=form.cleaned_data["password1"])
    user.session_stamp = session_stamp(encoded)
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password was changed."))
    return HttpResponseRedirect(reverse("admin:index"))


def password_page(
    request: Any, context: dict[str, Any], form: PasswordForm, title: str
) -> HttpResponse:
    """The page of both password forms."""
    status = 422 if form.errors else 200
    context = {**context, "form": form, "title": title}
    return render(request, "admin/password.html", context, status=status)
