"""The check of a whole table or folder: every problem of every row, found before anything is queued."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.conf import settings

from platforms.models import Account, BulkRow, HubCategory, RowState, Video, VideoTemplate
from platforms.models.video import split_tags
from platforms.services import events, publishing
from platforms.services.bulk import cells, subtitles
from platforms.services.bulk.cells import Wrong
from platforms.services.bulk.columns import BY_NAME, REQUIRED
from platforms.services.bulk.filling import Filling
from platforms.services.bulk.known import mark_text
from platforms.services.bulk.reading import Line, Table
from platforms.services.bulk.troubles import Unreadable
from platforms.services.categories import tree
from platforms.services.categories.choosing import Chooser
from platforms.services.fetching import folder, starting
from platforms.services.fetching.troubles import Trouble
from platforms.services.fetching.work import NO_FOLDER
from platforms.services.files import media
from platforms.services.files.media import KeptFile, NotAVideo
from platforms.services.publishing import Metadata, Target
from platforms.values import Sentence, gettext_noop, say

NO_COLUMN = gettext_noop("The table has no column “%(field)s”.")
NO_ACCOUNTS = gettext_noop("The table has no column “%(field)s”, and no account is ticked.")
IGNORED = gettext_noop("These columns mean nothing to the hub and are left out: %(names)s")
MISSING = gettext_noop("Nothing is written here.")
TOO_LONG = gettext_noop("It has %(length)s letters; at most %(most)s are kept.")
SAME_FILE = gettext_noop("Row %(row)s has the same file.")
SAME_ROW = gettext_noop("It says the same as row %(row)s.")
LATER = gettext_noop("Only the first %(most)s subtitle files were read; the others are read as they are taken in.")
#: Reading them takes most of a check's time, and a person waits for it.
MOST_SUBTITLES = 500
LONGEST = {name: getattr(Video._meta.get_field(name), "max_length", 0) for name in ("title", "description", "tags")}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where a row says nothing.

    `folder` is a spelled path below the ingest folder. `category` is one that people name, `usual` what is chosen for
    accounts, by their id, whether a row goes there or not.
    """

    folder: str = ""
    accounts: Sequence[Account] = ()
    description: str = ""
    tags: str = ""
    category: str = ""
    hub_category: HubCategory | None = None
    usual: Mapping[int, Target] = field(default_factory=dict)
    template: VideoTemplate | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: a row that is not saved yet for each line, and what is worth knowing beside."""

    rows: list[BulkRow]
    notes: list[Sentence]

    @property
    def wrong(self) -> list[BulkRow]:
        return [row for row in self.rows if row.problems]


def check_table(table: Table, defaults: Defaults) -> Checked:
    """Every problem of a table; raises `Unreadable` when a column is missing or the hub has no ingest folder."""
    given = set(table.headings) | (
        {"title", "template"} if defaults.template or "template" in table.headings else set()
    )
    missing = [say(NO_COLUMN, field=BY_NAME[name].heading) for name in REQUIRED if name not in given]
    if not given & {"accounts", "template"} and not defaults.accounts:
        missing.append(say(NO_ACCOUNTS, field=BY_NAME["accounts"].heading))
    if missing:
        raise Unreadable(missing[0]) if len(missing) == 1 else Several(missing)
    lines = [_with_path(line, defaults.folder) for line in table.lines]
    notes = [say(IGNORED, names=", ".join(table.unknown[:20])[:500])] if table.unknown else []
    checked = check(lines, defaults)
    return Checked(checked.rows, [*notes, *checked.notes])


class Several(Unreadable):
    """More than one reason at once."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        super().__init__(sentences[0])
        self.sentences = sentences

    def __str__(self) -> str:
        return "\n".join(str(Unreadable(sentence)) for sentence in self.sentences)


def _with_path(line: Line, base: str) -> Line:
    given = line.cells.get("file", "")
    return Line(line.number, {**line.cells, "file": cells.path_below(base, given) if given else ""})


def check(lines: Iterable[Line], defaults: Defaults) -> Checked:
    """A row for each line, with its problems; paths are spelled as the hub asks for them."""
    if not settings.INGEST_ROOT:
        raise Unreadable(say(NO_FOLDER))
    known = {account.name.casefold(): account for account in Account.objects.defer("credentials")}
    with starting.looking() as look_at:
        checker, seen = Checker(defaults, known, look_at), Seen()
        rows = [seen.compare(line, checker.check(line)) for line in lines]
    _note_lost_categories(rows, known)
    return Checked(rows, checker.notes)


def _note_lost_categories(rows: Sequence[BulkRow], known: Mapping[str, Account]) -> None:
    """Categories that came from a template or the page, and that their account has no longer."""
    chosen = {(target["account"], target["category"] or "") for row in rows for target in row.targets}
    by_id = {account.pk: account for account in known.values()}
    lost = tree.unknown([by_id[pk] for pk in {pk for pk, _category in chosen}], chosen)
    for row in rows if lost else ():
        for target in row.targets:
            if why := lost.get((target["account"], target["category"] or "")):
                note(row, "category", Sentence(why), by_id[target["account"]].name)


class Seen:
    """The rows before, to find what comes twice."""

    def __init__(self) -> None:
        self._paths: dict[str, Line] = {}

    def compare(self, line: Line, row: BulkRow) -> BulkRow:
        """Note on `row` that its file stands in a row before."""
        if not row.path:
            return row
        before = self._paths.setdefault(row.path, line)
        if before is not line:
            same = {k: v for k, v in before.cells.items() if v} == {k: v for k, v in line.cells.items() if v}
            note(row, "file", say(SAME_ROW if same else SAME_FILE, row=before.number))
        return row


def note(row: BulkRow, column: str, sentence: Sentence, account: str = "") -> None:
    """Write a problem to a row."""
    row.problems.append({"column": column, "account": account, "sentence": events.stored(sentence)})
    row.state = RowState.WRONG


class Checker:
    """Checks one line after another against the same accounts and defaults."""

    def __init__(self, defaults: Defaults, known: Mapping[str, Account], look_at: Callable[[str], list[int]]) -> None:
        self._defaults, self._known, self._look_at = defaults, known, look_at
        self._filling, self._chooser = Filling(), Chooser(list(known.values()))
        self._categories, self._moments = cells.Categories(self._chooser), cells.Moments()
        self._options: dict[tuple[int, int], dict[str, str]] = {}
        self._subtitles = 0

    @property
    def notes(self) -> list[Sentence]:
        """What is worth knowing of all rows together."""
        return [say(LATER, most=MOST_SUBTITLES)] if self._subtitles > MOST_SUBTITLES else []

    def check(self, line: Line) -> BulkRow:
        """The row of a line, with its problems."""
        row = BulkRow(number=line.number, path=line.cells.get("file", ""), problems=[], outcomes=[], subtitles=[])
        facts = self._file(row)
        own = self._try(row, "template", lambda: self._filling.find(line.cells.get("template", "")))
        self._words(row, line, own or self._defaults.template)
        for name in ("publish_at", "block_at"):
            text = line.cells.get(name, "")
            setattr(row, name, self._try(row, name, lambda text=text: cells.local_time(text)) or "")  # type: ignore[misc]
        targets = self._targets(row, line, own)
        for path in subtitles.named(line.cells.get("subtitles", ""), self._defaults.folder):
            row.subtitles.append(path)
            self._subtitles += 1
            for sentence in subtitles.problems(path["path"], whole=self._subtitles <= MOST_SUBTITLES):
                note(row, "subtitles", sentence)
        row.targets = [as_json(target) for target in targets]
        self._platforms(row, facts, targets)
        return row

    def _file(self, row: BulkRow) -> KeptFile | None:
        """What is known of the file before it is taken in; None when it cannot be."""
        if not row.path:
            note(row, "file", say(MISSING))
            return None
        try:
            size, modified = self._look_at(row.path)
            name = folder.name_of(row.path)
            media.check_name_and_size(name, size)
        except (Trouble, NotAVideo) as error:
            note(row, "file", error.sentence)
            return None
        row.mark = mark_text(row.path, [size, modified])
        return KeptFile("", name, size, "", "", "", None, None, None)

    def _words(self, row: BulkRow, line: Line, template: VideoTemplate | None) -> None:
        row.title = " ".join(line.cells.get("title", "").split())
        row.description = line.cells.get("description") or self._defaults.description
        row.tags = ",".join(split_tags(line.cells.get("tags") or self._defaults.tags))
        if template and row.path:
            self._filling.begin(row, template)
        if not row.title and not template:
            note(row, "title", say(MISSING))
        for name, most in LONGEST.items():
            if (length := len(getattr(row, name))) > most:
                note(row, name, say(TOO_LONG, length=length, most=most))
        row.title = row.title[:1000]

    def _targets(self, row: BulkRow, line: Line, own: VideoTemplate | None) -> list[Target]:
        """Where the row goes: as it says, as its own template does, as is ticked, as the template of all does."""
        filled = self._filling.targets(own or self._defaults.template)
        named = line.cells.get("accounts", "")
        accounts: Sequence[Account] = (own and list(filled)) or self._defaults.accounts or list(filled)
        if named:
            accounts = self._try(row, "accounts", lambda: cells.accounts_of(named, self._known)) or []
        elif not accounts:
            note(row, "accounts", say(cells.NONE_CHOSEN))
        text = line.cells.get("category") or self._defaults.category
        row.hub_category = (
            (self._chooser.hub_category(text) if text else None) or row.hub_category or self._defaults.hub_category
        )
        said = self._try(row, "category", lambda: self._categories.of(text, accounts)) if text else {}
        return [self._target(row, account, (said or {}).get(account.pk), filled.get(account)) for account in accounts]

    def _target(self, row: BulkRow, account: Account, category: str | None, filled: Target | None) -> Target:
        """An account with its options: those of its template where that knows it, else those chosen for all."""
        usual = filled or self._defaults.usual.get(account.pk) or Target(account)
        publish_at = self._try(row, "publish_at", lambda: self._moments.of(row.publish_at, account))
        block_at = self._try(row, "block_at", lambda: self._moments.of(row.block_at, account))
        chosen = usual.category if category is None else category
        return Target(account, chosen, self._options_of(account, filled), publish_at, block_at)

    def _options_of(self, account: Account, filled: Target | None) -> dict[str, str]:
        """All of the platform's options: as its template has them, else as chosen, else as usual."""
        key = (account.pk, id(filled))
        if key not in self._options:
            usual = filled or self._defaults.usual.get(account.pk) or Target(account)
            fields = publishing.publish_options(account.platform)
            self._options[key] = {option.name: usual.options.get(option.name, option.default) for option in fields}
        return self._options[key]

    def _platforms(self, row: BulkRow, facts: KeptFile | None, targets: Sequence[Target]) -> None:
        """What each platform would refuse; of a field that is wrong anyway, once is enough."""
        told = {problem["column"] for problem in row.problems} | (set() if facts else {"file"})
        for target in targets:
            for problem in publishing.problems_of(words_of(row), facts, target):
                column = problem.field if problem.field in BY_NAME else "accounts"
                if column not in told or column == "accounts":
                    note(row, column, problem.sentence, target.account.name)

    def _try(self, row: BulkRow, column: str, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except Wrong as wrong:
            note(row, column, wrong.sentence)
            return None


def words_of(row: BulkRow) -> Metadata:
    """What a row says about its video."""
    return Metadata(row.title, row.description, row.tags, row.hub_category_id)


def as_json(target: Target) -> dict[str, Any]:
    """A target as rows keep it."""
    return {"account": target.account.pk, "category": target.category, "options": dict(target.options)}
