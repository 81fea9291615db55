"""One row of a platform's list of calls, as a person may send it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from platforms.values import Sentence

FALSE_WORDS = frozenset({"0", "false", "no", ""})


class WrongParameters(ValueError):
    """What was given does not fit the call; `sentence` names the parameter and lists the expected ones."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter under the document's name.

    `type` is text, integer, number, date, time, list (comma-separated), flag (1 or 0), range ("0-1023") or file (a
    path). `default` is what the document says is taken when it is left out, "" when it says nothing.
    """

    name: str
    python: str
    type: str
    required: bool
    default: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One row of a platform's list of calls.

    `number` is the row's own ("BJ-05"), `http` its method and path, `source` the document and section. `danger` is an
    English message id saying what it destroys, empty for a harmless call; `danger_when` limits it to one parameter's
    being set. `also` are further rows that the same method covers. `secrets` are parameters that no history keeps,
    `hides` fields of the answer with keys that nobody needs to see. A row without a method is not ours to send: a
    library does, or the platform calls us.
    """

    number: str
    method: str
    http: str
    source: str
    danger: str = ""
    danger_when: str = ""
    parameters: tuple[Parameter, ...] = ()
    also: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()

    def is_dangerous(self, given: Mapping[str, str]) -> bool:
        """Whether these parameters make it one that must be confirmed."""
        if not self.danger_when:
            return bool(self.danger)
        return given.get(self.danger_when, "").strip().lower() not in FALSE_WORDS

    def expected(self) -> str:
        """The parameters on one line: `video_id=TEXT [format=TEXT (mp4)]`."""
        defaults = [f" ({p.default})" if p.default else "" for p in self.parameters]
        parts = [f"{p.name}={p.type.upper()}{default}" for p, default in zip(self.parameters, defaults, strict=True)]
        shown = [part if p.required else f"[{part}]" for part, p in zip(parts, self.parameters, strict=True)]
        return " ".join(shown) or "-"
