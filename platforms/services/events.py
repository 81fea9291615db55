"""The history: one line for everything that happened, without secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from platforms.models import Account, Event, IncomingFile, Publication
from platforms.transport.redact import MASK, SECRET_NAMES, redact
from platforms.values import Sentence

LONGEST_VALUE = 500


def record(
    about: Publication | Account | IncomingFile,
    kind: str,
    sentence: Sentence,
    *,
    actor: str,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Write one event about a publication (and its account), about an account alone, or about an incoming file."""
    publication = about if isinstance(about, Publication) else None
    account = publication.account if publication else about if isinstance(about, Account) else None
    return Event.objects.create(
        actor=actor[:150],
        publication=publication,
        account=account,
        subject=str(about)[:300],
        kind=kind,
        sentence=stored(sentence),
        data=clean(dict(data or {})),
    )


def record_many(
    about: Sequence[Publication], kind: str, sentence: Sentence, *, actor: str, data: Mapping[str, Any] | None = None
) -> None:
    """Write the same event about several publications in one INSERT."""
    told = {"actor": actor[:150], "kind": kind, "sentence": stored(sentence), "data": clean(dict(data or {}))}
    Event.objects.bulk_create(
        Event(publication=one, account=one.account, subject=str(one)[:300], **told) for one in about
    )


def stored(sentence: Sentence) -> dict[str, Any]:
    """A sentence as rows keep it: its text is a message id and stays to the letter, its values are cleaned."""
    return {"text": sentence.text, "params": clean(sentence.params)}


def clean(value: Any) -> Any:
    """`value` without secrets: masked by name, redacted inside texts, and texts cut to a readable length."""
    if isinstance(value, Mapping):
        return {k: MASK if str(k).lower() in SECRET_NAMES else clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, str):
        return redact(value)[:LONGEST_VALUE]
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))[:LONGEST_VALUE]
