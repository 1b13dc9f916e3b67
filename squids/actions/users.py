"""Users: made by an operator, with a password or by a link to set one; their zone and address."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from squids import zones
from squids.actions.squids import check_email
from squids.errors import AddressNeeded, FieldRefused
from squids.models import Notify, Plan, User


def create_user(
    username: str,
    *,
    email: str = "",
    plan: Plan | None = None,
    password: str | None = None,
    operator: bool = False,
) -> User:
    """A user with a password, or without one where none is given: then nobody can sign in as them
    until they set one by their invitation. ``operator`` may use the whole admin.

    Raises FieldRefused for a name that is taken or cannot be one, or a weak password.
    """
    user = User(username=username, email=email, plan=plan, is_staff=operator, is_superuser=operator)
    _set_password(user, password)
    try:
        user.full_clean(exclude=["password"])
        with transaction.atomic():
            user.save()
    except ValidationError as error:
        raise _refused(error) from error
    except IntegrityError as error:  # taken at the same moment
        raise FieldRefused("username", "A user with that username already exists.") from error
    return user


def tell_time_zone(user: User, name: str) -> bool:
    """Take the zone that the user's browser tells, unless one is known or chosen already.

    Raises FieldRefused for a name that is no zone.
    """
    _check_zone(name)
    return bool(User.objects.filter(pk=user.pk, time_zone="").update(time_zone=name))


def set_time_zone(user: User, name: str) -> None:
    """The zone that the user chose. Their present cycle keeps its end; schedules have zones of
    their own. Raises FieldRefused for a name that is no zone."""
    _check_zone(name)
    User.objects.filter(pk=user.pk).update(time_zone=name)
    user.time_zone = name


def set_email(user: User, address: str) -> None:
    """Where e-mails about the user's runs go; none where it is empty. Raises FieldRefused for what
    is no address, and for none while squids send theirs there."""
    address = check_email(address, "email")
    if not address:
        _check_not_needed(user)
    User.objects.filter(pk=user.pk).update(email=address)
    user.email = address


def _check_not_needed(user: User) -> None:
    squids = user.squids.visible().filter(notify_email="").exclude(run_notify=Notify.NEVER)
    names = list(squids.order_by("name").values_list("name", flat=True))
    if names:
        raise AddressNeeded(names)


def _check_zone(name: str) -> None:
    try:
        zones.check(name)
    except ValidationError as error:
        raise FieldRefused("time_zone", " ".join(error.messages)) from error


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise FieldRefused("password", " ".join(error.messages)) from error
    user.set_password(password)


def _refused(error: ValidationError) -> FieldRefused:
    field, texts = next(iter(error.message_dict.items()))
    return FieldRefused(field, " ".join(texts))
