"""Where a command reads and keeps: a folder with its ledger beside it, or a database -> ports."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from loanperf._indicators import Indicator
from loanperf._periods import Period
from loanperf._scheme import TEMPLATES, Scheme, SchemeBook, indicators_of, read_scheme, template, template_text
from loanperf._scheme._places import Form
from loanperf._targets import Target
from loanperf.adapters.memory import MemoryEntries
from loanperf.adapters.tables import Folder, Told, read_folder
from loanperf.archive import Archive
from loanperf.errors import DataError, UnknownIndicatorError
from loanperf.ports import (
    EntryStore,
    FactSource,
    LedgerStore,
    PaymentAnswers,
    PaymentSink,
    PeopleSource,
    PersonalStore,
    SchemeSource,
)
from loanperf.run import Run

if TYPE_CHECKING:
    from loanperf.adapters.sql import Database

SCHEME, LEDGER = "scheme.toml", "loanperf.db"
"""What the scheme and the ledger of a folder are called where nobody says otherwise."""
_COMPANY = "main"
"""Whose ledger it is, where a folder is all there is."""


def _names(given: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(given or ())


@frozen(kw_only=True)
class Options:
    """What is said on the command line of where data, scheme and ledger are."""

    data: str
    """A folder, or the URL of a database."""
    schemes: tuple[str, ...] = field(default=(), converter=_names)
    """Files or templates, each a version; of a database the name of its scheme."""
    ledger: str = ""
    """A SQLite file or the URL of a database; empty is beside the data."""
    company: str = ""
    mapped: Path | None = None
    encoding: str = ""

    @property
    def is_database(self) -> bool:
        """Whether the data is in a database."""
        return "://" in self.data

    @property
    def kept_in(self) -> str:
        """Where the ledger is, without a password."""
        return _shown(self.ledger or (self.data if self.is_database else str(Path(self.data) / LEDGER)))

    def again(self, command: str, *more: str) -> str:
        """The call of a command on the same data, to be copied; a URL that may hold a password is not written out."""
        said = [part for name in self.schemes for part in ("--scheme", name)]
        texts = {"--ledger": _shown(self.ledger), "--company": self.company, "--encoding": self.encoding}
        texts["--map"] = "" if self.mapped is None else str(self.mapped)
        said += [part for option, text in texts.items() if text for part in (option, text)]
        return shlex.join(["python", "-m", "loanperf", command, _shown(self.data), *said, *more])


def _shown(place: str) -> str:
    return place if "://" not in place or place.startswith("sqlite:") else "URL"


@frozen(kw_only=True)
class Ports:
    """The ports of a command."""

    name: str
    """How the folder or database is called in messages."""
    facts: FactSource
    people: PeopleSource
    schemes: SchemeSource
    entries: LedgerStore
    payments: PaymentSink | None = None
    """None if the command must not write anything."""
    answers: PaymentAnswers | None = None
    personal: PersonalStore | None = None


@frozen
class _Agreed:
    """The schemes that a command names, with the targets of a folder."""

    book: SchemeBook
    folder: Folder

    def schemes(self) -> SchemeBook:
        """The versions that were named."""
        return self.book

    def targets(self, period: Period) -> Told[Target]:
        """The targets of the folder."""
        return self.folder.targets(period)


def scheme_of(name: str) -> Scheme:
    """A scheme by its file, or else by the name of a template.

    Raises:
        DataError: there is none.
        SchemeError: the file is not valid.
    """
    if Path(name).is_file():
        return read_scheme(name)
    if name in TEMPLATES:
        return template(name)
    remedy = f"give a file, or a template: {', '.join(TEMPLATES)}"
    raise DataError(name, "there is no such scheme", remedy)


def text_of(name: str) -> tuple[str, Form]:
    """The text and form of a scheme that `scheme_of` read."""
    if Path(name).is_file():
        return Path(name).read_text(encoding="utf-8-sig"), "json" if name.endswith(".json") else "toml"
    return template_text(name), "toml"


@contextmanager
def ports_of(options: Options, *, keeps: bool, ledger: bool = True) -> Iterator[Ports]:
    """The ports over a folder or database, as long as a command works.

    Args:
        options: what the command line says.
        keeps: whether the command may write; without it nothing is created or changed, the ledger included.
        ledger: whether the command asks for one at all.
    """
    with ExitStack() as stack:
        if options.is_database:
            yield _of_database(options, stack, keeps=keeps)
            return
        folder = read_folder(options.data, options.mapped, encoding=options.encoding)
        schemes = _Agreed(SchemeBook([scheme_of(name) for name in options.schemes or (_scheme_in(folder),)]), folder)
        plain = Ports(name=folder.path.name, facts=folder, people=folder, schemes=schemes, entries=MemoryEntries())
        kept = _ledger(options, stack, keeps=keeps) if ledger else None
        if kept is None:
            yield plain
        else:
            sink = kept.payments if keeps else None
            yield evolve(plain, entries=kept.entries, payments=sink, answers=kept.payments, personal=kept.personal)


def _scheme_in(folder: Folder) -> str:
    file = folder.path / SCHEME
    if not file.is_file():
        fault, remedy = f"there is no {SCHEME} in it", "put it there, or say --scheme FILE, or a template by its name"
        raise DataError(str(folder.path), fault, remedy)
    return str(file)


@contextmanager
def kept_by(options: Options) -> Iterator[Database]:
    """The database that keeps the ledger of a folder, or a database itself; nothing in it is changed.

    Raises:
        DataError: there is no ledger, or it is not said whose.
        StoreError: the database cannot be used.
    """
    with ExitStack() as stack:
        if options.is_database:
            if not options.company:
                raise DataError("--company", "it is not said whose part of the database it is", "say --company CODE")
            found: Database | None = _connected(options.data, options.company, stack)
        else:
            found = _ledger(options, stack, keeps=False)
        if found is None:
            raise DataError(options.kept_in, "there is no ledger", "name it by --ledger")
        yield found


# ── databases ───────────────────────────────────────────────────────────────────────────────────────────────


def _of_database(options: Options, stack: ExitStack, *, keeps: bool) -> Ports:
    """All ports over one database."""
    unfit = {"--map": options.mapped, "--encoding": options.encoding, "--ledger": options.ledger}
    for option, said in unfit.items():
        if said:
            raise DataError(option, "it is for a folder, and the data is a database", "leave it out")
    if len(options.schemes) > 1:
        raise DataError("--scheme", "the versions of a database's scheme are in the database", "name one scheme")
    if not options.company:
        raise DataError("--company", "it is not said whose part of the database it is", "say --company CODE")
    database = _connected(options.data, options.company, stack)
    return Ports(
        name=options.company,
        facts=database.facts,
        people=database.people,
        schemes=evolve(database.schemes, name=options.schemes[0]) if options.schemes else database.schemes,
        entries=database.entries,
        payments=database.payments if keeps else None,
        answers=database.payments,
        personal=database.personal,
    )


def _connected(url: str, company: str, stack: ExitStack, *, new: bool = False) -> Database:
    """A database; to open a SQLite file that is not there would make one, which only a new ledger may."""
    from loanperf.adapters.sql import Database

    database = Database.connect(url, company=company)
    stack.callback(database.close)
    place = database.engine.url
    file = (place.database or ":memory:").removeprefix("file:")
    if place.get_backend_name() == "sqlite" and not new and ":memory:" not in file and not Path(file).exists():
        raise DataError(_shown(url), "there is no such file", "name the file of a database, as sqlite:///pay.db")
    return database


def _ledger(options: Options, stack: ExitStack, *, keeps: bool) -> Database | None:
    """The database that keeps the ledger of a folder; None where there is none yet and none may be made."""
    company = options.company or _COMPANY
    if "://" in options.ledger:
        database = _connected(options.ledger, company, stack, new=keeps)
        if keeps and not database.version:
            database.upgrade()
        return database
    file = Path(options.ledger or Path(options.data) / LEDGER)
    known = file.is_file() and file.stat().st_size > 0
    if not known and not keeps:
        return None
    opened = file if keeps else _copied(file, Path(stack.enter_context(TemporaryDirectory())))
    if known and not _is_ours(opened):
        raise DataError(str(file), "it is there, and is no ledger", "name another file by --ledger")
    database = _connected(f"sqlite:///{opened}", company, stack, new=True)
    database.upgrade()
    return database


def _is_ours(file: Path) -> bool:
    """Whether a file is a database that this library has made; another one is not changed by looking."""
    with (
        suppress(sqlite3.DatabaseError),
        closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as one,
    ):
        return one.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is not None
    return False


def _copied(file: Path, folder: Path) -> Path:
    """A copy of a SQLite file with what is not merged into it yet: to open the file itself would write beside it."""
    for part in (file, file.with_name(f"{file.name}-wal")):
        if part.is_file():
            shutil.copyfile(part, folder / part.name)
    return folder / file.name


def indicator_of(named: str, scheme: Scheme) -> Indicator:
    """The indicator of a scheme that a command names: by its code, or by its name in either language.

    Raises:
        UnknownIndicatorError: there is none, or several have the name; it tells codes.
    """
    known = indicators_of(scheme.indicators)
    said = [one for one in known.values() if named in (one.name.en, one.name.zh)]
    if named in known:
        return known[named]
    if len(said) != 1:
        raise UnknownIndicatorError(named, tuple(one.code for one in said) or tuple(known))
    return said[0]


def measured_indicator(named: str, scheme: Scheme) -> Indicator:
    """An indicator that facts measure; see `indicator_of`.

    Raises:
        DataError: readings of it are supplied by the host.
        UnknownIndicatorError: there is none, or several have the name.
    """
    found = indicator_of(named, scheme)
    if not found.is_measured:
        remedy = "name an indicator that facts measure; supplied readings are not looked at"
        raise DataError(found.code, "its readings are supplied, and no fact measures it", remedy)
    return found


# ── who approved ────────────────────────────────────────────────────────────────────────────────────────────


def approval_by(who: str, entries: EntryStore, scheme: str) -> Callable[[Run], bool]:
    """Approve whatever a run comes to, and keep who did and of what; see `archive.Archive.approve`."""

    def approve(run: Run) -> bool:
        archive = Archive(entries, scheme)
        # Of a run that is repeated nothing is posted, and its approval is there.
        known = any(one.by == who and one.period == run.period for one in archive.approvals())
        if run.needs_approval and (len(run.entries) or not known):
            archive.approve(run, by=who)
        return True

    return approve
