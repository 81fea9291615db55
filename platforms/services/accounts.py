"""Accounts: adding and changing them, what is wrong with what was typed, and their limits."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from platforms import queue
from platforms.models import Account, Health
from platforms.models.wording import render
from platforms.registry import driver_class
from platforms.services import events, zones
from platforms.values import Field, Platform, gettext_noop, say

LIMITED = gettext_noop("The account's uploads may send %(kilobytes)s KB a second together.")
UNLIMITED = gettext_noop("The account's uploads may send as fast as the line allows.")
BUDGET = gettext_noop("The account may make %(calls)s calls an hour; following takes at most half of them.")
NO_BUDGET = gettext_noop("The account may make any number of calls.")
TIME_ZONE = gettext_noop("Times of the account are meant in %(zone)s.")
MOST_CALLS_PER_HOUR = 10_000_000
EDITED = (
    "name", "credentials", "options", "health", "health_reason", "paused_until", "troubles", "token_expires_at",
)  # fmt: skip


def credential_fields(platform: str) -> tuple[Field, ...]:
    return driver_class(platform).credential_fields


def option_fields(platform: str) -> tuple[Field, ...]:
    return driver_class(platform).account_options


def usual_calls_per_hour(platform: str) -> int | None:
    """What the platform allows an ordinary account; None: it names no number."""
    return driver_class(platform).calls_per_hour


def platform_names() -> list[str]:
    return [platform.value for platform in Platform]


def save_account(
    name: str,
    platform: str,
    credentials: Mapping[str, str],
    options: Mapping[str, str],
    *,
    actor: str,
    account: Account | None = None,
) -> tuple[Account, bool]:
    """Add an account, or update the one of this name; `account`, when given, is updated and gets the name.

    Answers it and whether it is new. What is not given keeps its stored value, so that a form need not show secrets.
    Raises ValidationError with one message per field that is wrong (see `problems_of`).
    """
    check_name(name)
    with transaction.atomic():
        # Read and written in one go: a worker may be renewing the token at this moment.
        rows = Account.objects.select_for_update()
        stored = (rows.filter(pk=account.pk) if account else rows.filter(name=name)).first()
        if stored and stored.platform != platform:
            raise ValidationError({"platform": _("The account “%(name)s” is on another platform.") % {"name": name}})
        if problems := problems_of(platform, credentials, options, stored):
            raise ValidationError(problems)
        saved = stored or Account(platform=platform, calls_per_hour=usual_calls_per_hour(platform))
        before, (merged, chosen) = dict(saved.credentials), _merged(platform, credentials, options, stored)
        if merged != before:
            saved.health, saved.health_reason, saved.paused_until = Health.OK, None, None
            saved.token_expires_at, saved.troubles = None, 0
        saved.name, saved.credentials, saved.options = name, merged, chosen
        try:
            with transaction.atomic():
                saved.save(update_fields=EDITED if stored else None)
        except IntegrityError:
            # Somebody has been faster, or another account has the new name.
            raise ValidationError({"name": _("There is another account “%(name)s”.") % {"name": name}}) from None
        sentence = gettext_noop("The account was changed.") if stored else gettext_noop("The account was added.")
        changed = sorted(key for key in merged.keys() | before.keys() if merged.get(key) != before.get(key))
        events.record(saved, "account", say(sentence), actor=actor, data={"fields": changed})
    queue.wake_all()
    return saved, stored is None


def set_upload_limit(account: Account, limit: int | None, *, actor: str) -> None:
    """Limit what all uploads of the account send together, in bytes a second; None: no limit.

    Running uploads take it within seconds.
    """
    changed = Account.objects.filter(pk=account.pk).exclude(upload_limit=limit).update(upload_limit=limit)
    if not changed:
        return
    sentence = say(LIMITED, kilobytes=limit // 1024) if limit else say(UNLIMITED)
    events.record(account, "account", sentence, actor=actor)


def set_calls_per_hour(account: Account, calls: int | None, *, actor: str) -> None:
    """Say how many calls an hour the platform allows the account; None: it names no number. Following goes on at once.

    Raises ValidationError for a number that is none.
    """
    if calls is not None and not 1 <= calls <= MOST_CALLS_PER_HOUR:
        text = _("Calls an hour: enter a whole number from 1 to %(most)s, or nothing where there is no limit.")
        raise ValidationError({"calls_per_hour": text % {"most": MOST_CALLS_PER_HOUR}})
    if account.calls_per_hour == calls:
        return
    Account.objects.filter(pk=account.pk).update(calls_per_hour=calls, follow_from=None)
    account.calls_per_hour, account.follow_from = calls, None
    sentence = say(BUDGET, calls=calls) if calls else say(NO_BUDGET)
    events.record(account, "account", sentence, actor=actor)
    queue.wake_followers()


def set_time_zone(account: Account, name: str, *, actor: str) -> None:
    """Say in which time zone times of the account are meant. What is planned keeps its moment.

    Raises ValidationError for a name that is none.
    """
    check_time_zone(name)
    if account.time_zone == name:
        return
    Account.objects.filter(pk=account.pk).update(time_zone=name)
    account.time_zone = name
    events.record(account, "account", say(TIME_ZONE, zone=name), actor=actor)


def check_name(name: str) -> None:
    """Raises ValidationError for a name that no page and no command could show or be given."""
    most = Account._meta.get_field("name").max_length or 0
    if name != name.strip() or len(name.splitlines()) != 1:
        raise ValidationError({"name": _("An account's name is one line that neither begins nor ends with a space.")})
    if len(name) > most:
        raise ValidationError({"name": _("An account's name has at most %(most)d characters.") % {"most": most}})


def check_time_zone(name: str) -> None:
    """Raises ValidationError for a name that no time zone has."""
    if name not in zones.names():
        text = _("“%(name)s” is no time zone: enter a name such as Asia/Shanghai or Europe/Berlin.")
        raise ValidationError(text % {"name": name[:64]})


def problems_of(
    platform: str, credentials: Mapping[str, str], options: Mapping[str, str], account: Account | None = None
) -> dict[str, str]:
    """What is wrong with these credentials and options, by field name: unknown, missing, not a value the platform has.

    What `account` has stored counts where nothing is given.
    """
    merged, chosen = _merged(platform, credentials, options, account)
    return _credential_problems(platform, merged) | _option_problems(platform, chosen)


def _merged(
    platform: str, credentials: Mapping[str, str], options: Mapping[str, str], account: Account | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Credentials and options as they are to be stored.

    The first credential says whose login it is: with another one, no stored secret or token is of use.
    """
    given = {key: str(value).strip() for key, value in credentials.items() if str(value).strip()}
    defaults = {field.name: field.default for field in option_fields(platform)}
    stored, chosen = (account.credentials, account.options) if account else ({}, {})
    login = credential_fields(platform)[0].name
    kept = stored if given.get(login, stored.get(login)) == stored.get(login) else {}
    return {**kept, **given}, {**defaults, **chosen, **options}


def _credential_problems(platform: str, credentials: Mapping[str, str]) -> dict[str, str]:
    fields = {field.name: field for field in credential_fields(platform)}
    expected = ", ".join(fields)
    problems = {
        name: _("Unknown credential “%(name)s”. Expected: %(expected)s.") % {"name": name, "expected": expected}
        for name in credentials
        if name not in fields
    }
    problems |= {
        name: _("“%(name)s” is missing. Expected: %(expected)s.") % {"name": name, "expected": expected}
        for name, field in fields.items()
        if field.required and not credentials.get(name)
    }
    return problems | {
        problem.field: render(problem.sentence.as_json())
        for problem in driver_class(platform).credential_problems(credentials)
    }


def _option_problems(platform: str, options: Mapping[str, str]) -> dict[str, str]:
    fields = {field.name: field for field in option_fields(platform)}
    problems = {}
    for name, value in options.items():
        allowed = [choice.value for choice in fields[name].choices] if name in fields else []
        if name not in fields:
            problems[name] = _("This platform has no option “%(name)s”.") % {"name": name}
        elif allowed and value not in allowed:
            problems[name] = _("“%(value)s” is not one of: %(allowed)s.") % {
                "value": value,
                "allowed": ", ".join(allowed),
            }
    return problems
