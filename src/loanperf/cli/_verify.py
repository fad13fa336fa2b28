"""The command that verifies what is kept, and writes the heads by which the next one is proven."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Annotated

import typer
from attrs import fields

from loanperf._explanations import Label, Language
from loanperf._seals import Head
from loanperf.adapters._files import write_whole
from loanperf.cli._app import (
    PROBLEMS,
    CompanyOption,
    DataArgument,
    LanguageOption,
    LedgerOption,
    app,
    complain,
    faults_told,
    say,
    with_examples,
)
from loanperf.cli._ports import Options, kept_by
from loanperf.errors import DataError, LoanPerfError, shown
from loanperf.opening import StatedBalance

_FIRST = Label(
    "{file} is not there yet: seals are verified, and against no earlier heads",
    "{file} 尚不存在：仅核对封签，未与此前留存的封签比对",
)


@app.command(
    "verify",
    epilog=with_examples(
        "verify data --heads-to heads.json",
        "verify data --heads heads.json --lang zh",
        "verify sqlite:///pay.db --company north --heads heads.json --heads-to heads.json",
        "verify data --balances balances.csv",
    ),
)
def verify_command(
    data: DataArgument,
    heads: Annotated[
        Path | None, typer.Option("--heads", metavar="FILE", help="What an earlier --heads-to wrote, kept elsewhere.")
    ] = None,
    heads_to: Annotated[
        Path | None, typer.Option("--heads-to", metavar="FILE", help="Write the heads of now, if all fits.")
    ] = None,
    balances: Annotated[
        Path | None,
        typer.Option(
            "--balances",
            metavar="FILE",
            help="What finance says: a CSV with payee, through, and due, held, owed or paid; and scheme.",
        ),
    ] = None,
    ledger: LedgerOption = "",
    company: CompanyOption = "",
    lang: LanguageOption = "en",
) -> None:
    """See whether all that is kept fits: the ledger, payments, and versions of schemes. It changes nothing."""
    with faults_told(lang):
        options = Options(data=data, ledger=ledger, company=company)
        known = () if heads is None else _known(heads, heads_to, lang)
        stated = {} if balances is None else {"balances": _stated(balances)}
        with kept_by(options) as database:
            done = database.verify(known, **stated)
        if done and not done.records:
            fault = "nothing is kept there" + (f" of company {company!r}" if company else "")
            raise DataError(options.kept_in, fault, "name the data, and by --company whose part of it")
        if done:
            say(done.text(lang))
            if heads_to is not None:
                write_whole(heads_to, _written(done.heads))
            return
        for misfit in done.misfits:
            complain(misfit.text(lang))
        raise typer.Exit(PROBLEMS)


def _written(heads: tuple[Head, ...]) -> bytes:
    return (json.dumps([head.data() for head in heads], ensure_ascii=False, indent=2) + "\n").encode()


def _known(heads: Path, heads_to: Path | None, lang: Language) -> tuple[Head, ...]:
    """The heads of a file; of the one that is to be written there are none the first time, which is told."""
    if heads_to is None or heads.resolve() != heads_to.resolve() or heads.exists():
        return _read(heads)
    complain(_FIRST.to(lang).format(file=heads))
    return ()


def _read(file: Path) -> tuple[Head, ...]:
    """The heads of a file.

    Raises:
        DataError: it is not what `--heads-to` wrote.
    """
    try:
        said = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, list) or not said:
        fault = "there is no head in it" if said == [] else "it is no list of heads"
        raise DataError(str(file), fault, "name a file that --heads-to wrote")
    return tuple(map(Head.from_data, said))


_COLUMNS = ("scheme", *(of.name for of in fields(StatedBalance)))


def _stated(file: Path) -> dict[str, list[StatedBalance]] | list[StatedBalance]:
    """What finance says, row by row; by the name of the scheme where there is a column of that.

    Raises:
        DataError: it cannot be read, or a column is of another name.
        LedgerError: a row cannot be used; it names the row.
    """
    try:
        lines = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
        rows = [*lines]
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(str(file), f"it cannot be read: {shown(str(error), 200)}", "name a CSV file in UTF-8") from None
    wrong = [name for name in lines.fieldnames or ("",) if name not in _COLUMNS]
    if wrong:
        raise DataError(str(file), f"it has a column {wrong[0]!r}", f"use {', '.join(_COLUMNS)}")
    found = dict[str, list[StatedBalance]]()
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise DataError(
                f"{file}, row {number}", "it has more or fewer cells than there are columns", "mend the row"
            )
        scheme = row.pop("scheme", "")
        try:
            found.setdefault(scheme, []).append(StatedBalance(**row))
        except (TypeError, LoanPerfError) as error:
            raise DataError(f"{file}, row {number}", str(error), "give payee, through and amounts with units") from None
    return found if "scheme" in (lines.fieldnames or ()) else found.get("", [])
