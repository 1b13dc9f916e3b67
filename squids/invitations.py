"""Links by which a user sets the password of an account that an operator made."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from squids.models import User


def make_link(user: User) -> str:
    """The path of a page where ``user`` sets a password. It works for three days
    (``PASSWORD_RESET_TIMEOUT``), once, and until the user signs in another way."""
    encoded = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("set_password", args=[encoded, default_token_generator.make_token(user)])


set_password = PasswordResetConfirmView.as_view(
    template_name="registration/set_password.html",
    post_reset_login=True,
    success_url=reverse_lazy("squids:list"),
)
