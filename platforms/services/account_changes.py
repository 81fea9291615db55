"""What people have set of an account, so that whoever saves it later can be told what another has changed meanwhile."""

from __future__ import annotations

from platforms.models import Account, Event
from platforms.registry import driver_class
from platforms.services import accounts
from platforms.services.metadata.changing import Change

#: Stands for the secrets of an account: their values are shown to nobody.
SECRETS = "secrets"
MOST_EVENTS = 50


def values(account: Account) -> dict[str, str]:
    """What a person has set, by field: `credentials-` and `options-` before the platform's own names.

    Tokens that the hub renews by itself are no person's change: of secrets it says which change was the last one.
    """
    credentials = driver_class(account.platform).credential_fields
    shown = {f"credentials-{field.name}": field.name for field in credentials if field.kind != "secret"}
    return {
        "name": account.name,
        "upload_limit": str(account.upload_limit or ""),
        "calls_per_hour": str(account.calls_per_hour or ""),
        "time_zone": account.time_zone,
        **{key: str(account.credentials.get(name, "")) for key, name in shown.items()},
        **{f"options-{key}": str(value) for key, value in sorted(account.options.items())},
        SECRETS: _last_change_of_secrets(account, {field.name for field in credentials if field.kind == "secret"}),
    }


def locked(account: Account) -> Account:
    """The account as it is stored, which nobody else changes until the transaction ends."""
    return Account.objects.select_for_update().get(pk=account.pk)


def changes_since(account: Account, seen: dict[str, str]) -> list[Change]:
    """What people have changed since; who and when are those of the last change. Values of secrets are left out."""
    now = values(account)
    last = _changes(account)[:1]
    by = (last[0].actor, last[0].at) if last else ("", None)
    different = [name for name in now if now[name] != seen.get(name, "")]
    return [
        Change(name, "" if name == SECRETS else seen.get(name, ""), "" if name == SECRETS else now[name], *by)
        for name in different
    ]


def _changes(account: Account) -> list[Event]:
    rows = Event.objects.filter(account=account, publication=None, kind="account").order_by("-at", "-id")
    return list(rows[:MOST_EVENTS])


def _last_change_of_secrets(account: Account, names: set[str]) -> str:
    changed = (event for event in _changes(account) if names & set(event.data.get("fields", ())))
    event = next(changed, None)
    return str(event.pk) if event else ""


def labels(account: Account) -> dict[str, str]:
    """The names of the fields, as English message ids."""
    own = {f"credentials-{field.name}": field.label for field in accounts.credential_fields(account.platform)}
    own |= {f"options-{field.name}": field.label for field in accounts.option_fields(account.platform)}
    return own
