"""The map of a folder: the files of a lender's own systems are read by the headings that they have."""

from collections.abc import Mapping
from pathlib import Path

import pytest

import loanperf as lp
from loanperf.adapters.tables import read_folder

MARCH = lp.Period.month(2026, 3)
DRAWN = """\
合同号,客户,经理工号,签约日,放款日,放款金额(万元),备注
HT-1,K1,W01,2026-03-02,2026-03-05,140,首贷
HT-2,K2,W02,2026-03-09,2026-03-10,60.5,
"""
MAP = """\
encoding = "gb18030"

[loans]
file = "放款明细.csv"

[loans.columns]
"合同号" = "loan"
"客户" = "customer"
"经理工号" = "officer"
"签约日" = "opened_on"
"放款日" = ""
"放款金额(万元)" = ""
"备注" = ""

[events]
file = "放款明细.csv"
always = { kind = "disbursed" }

[events.columns]
"合同号" = "loan"
"放款日" = "on"
"放款金额(万元)" = "amount"
"客户" = ""
"经理工号" = ""
"签约日" = ""
"备注" = ""
"""


def written(folder: Path, files: Mapping[str, str], encoding: str = "utf-8") -> Path:
    """A folder with these files; maps are UTF-8 always."""
    for name, text in files.items():
        folder.joinpath(name).write_bytes(text.encode("utf-8" if name.endswith(".toml") else encoding))
    return folder


def test_one_export_of_drawings_is_the_loans_and_their_events(tmp_path: Path) -> None:
    """A CRM has one list of what was drawn: nobody splits it by hand, and 140 under 万元 is 1,400,000."""
    folder = written(tmp_path, {"放款明细.csv": DRAWN, "loanperf.toml": MAP}, "gb18030")
    loans = [
        lp.Loan(loan="HT-1", customer="K1", officer="W01", opened_on="2026-03-02"),
        lp.Loan(loan="HT-2", customer="K2", officer="W02", opened_on="2026-03-09"),
    ]
    events = [
        lp.LoanEvent(loan="HT-1", kind=lp.EventKind.DISBURSED, on="2026-03-05", amount="1400000 CNY"),
        lp.LoanEvent(loan="HT-2", kind=lp.EventKind.DISBURSED, on="2026-03-10", amount="605000 CNY"),
    ]
    facts = read_folder(folder).facts(MARCH)

    assert (4, ()) == (facts.rows, facts.problems)
    assert lp.Facts.of([*loans, *events]) == lp.Facts.of(facts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_map_names_the_encoding_of_single_files(tmp_path: Path, encoding: str) -> None:
    """Core system and spreadsheet save differently; the map says it once for all who read the folder."""
    text = MAP.replace('encoding = "gb18030"', "").replace('明细.csv"\n', f'明细.csv"\nencoding = "{encoding}"\n')
    folder = written(tmp_path, {"放款明细.csv": DRAWN}, encoding)
    written(folder, {"loanperf.toml": text})

    assert ["W01", "W02"] == [fact.officer for fact in read_folder(folder).facts(MARCH) if isinstance(fact, lp.Loan)]


def test_windows_1252_keeps_its_letters(tmp_path: Path) -> None:
    """Müller is a payee of that name, and nobody else; days and decimals are as the file writes them."""
    text = 'Vertrag,Kunde,Berater,Datum,Betrag\nV1,K1,Müller,05.03.2026,"1.400.000,50"\n'
    mapped = """
[loans]
encoding = "windows-1252"
columns = { Vertrag = "loan", Kunde = "customer", Berater = "officer", Datum = "opened_on", Betrag = "amount" }
units = { amount = "EUR" }
decimals = { amount = "," }
days = { opened_on = "dd.mm.yyyy" }
"""
    folder = written(tmp_path, {"loans.csv": text}, "windows-1252")
    written(folder, {"loanperf.toml": mapped})
    (loan,) = read_folder(folder).facts(MARCH)

    assert lp.Loan(loan="V1", customer="K1", officer="Müller", opened_on="2026-03-05", amount="1400000.50 EUR") == loan


def test_a_folder_without_a_map_is_read_as_it_is(tmp_path: Path) -> None:
    """A map is asked for by nobody whose headings are known."""
    folder = written(tmp_path, {"loans.csv": "借据号,客户号,经办人,受理日期\nL1,K1,lin,2026-03-02\n"})

    assert 1 == len(read_folder(folder).facts(MARCH))


def test_a_map_may_lie_elsewhere_and_must_be_there_then(tmp_path: Path) -> None:
    """Whoever may not write beside the data keeps it with the scheme; a slip in its name is no empty map."""
    folder = tmp_path / "data"
    folder.mkdir()
    written(folder, {"放款明细.csv": DRAWN}, "gb18030")
    written(tmp_path, {"crm.toml": MAP})

    assert 4 == read_folder(folder, tmp_path / "crm.toml").facts(MARCH).rows
    with pytest.raises(lp.errors.DataError, match=r"crm2.toml: it cannot be read: No such file"):
        read_folder(folder, tmp_path / "crm2.toml")


GB, FILE, HEADS = 'encoding = "gb18030"', 'file = "放款明细.csv"', "[loans.columns]"
"""Lines of the map, in which slips are made."""


def refusal(folder: Path, mapped: str) -> str:
    """What is said of a map."""
    written(folder, {"放款明细.csv": DRAWN}, "gb18030")
    written(folder, {"loanperf.toml": mapped})
    with pytest.raises(lp.errors.DataError) as caught:
        read_folder(folder).facts(MARCH)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"合同号" = "loan"', '"合同" = "loan"', "no heading '合同', which is mapped (did you mean '合同号'?)"),
        ('"客户" = "customer"', '"客户" = "custmer"', "'客户': there is no column 'custmer'; did you mean 'customer'?"),
        ('"备注" = ""', '"备注" = "officer"', "the column 'officer' is mapped from '经理工号' and '备注'; keep one"),
        (HEADS, f"[loans.units]\namount = '万圆'\n{HEADS}", "column 'amount': '万圆' is no known unit; declare 元, 分"),
        (HEADS, f"[loans.units]\namuont = '元'\n{HEADS}", "there is no column 'amuont'; did you mean 'amount'?"),
        ("[loans]", "[laons]", "loanperf.toml, [laons]: there is no table 'laons'; did you mean 'loans'?"),
        (HEADS, "[loans.colums]", "'colums' of [loans]: nothing of that name is known; did you mean 'columns'?"),
        (FILE, 'file = "放款.csv"', "there is no file '放款.csv', which is named for the table 'loans'"),
        (GB, 'encoding = "gb2312x"', "encoding 'gb2312x': there is none of that name; use utf-8 or gb18030"),
        (GB, "encoding = 18030", "encoding: it is 18030; write text in quotes"),
        ('"客户" = "customer"', '"客户" = 1', "[loans.columns]: it holds {'合同号': 'loan', '客户': 1"),
        ('"客户" = "customer"', '客户 = "customer"', "it is no TOML: 'Invalid statement (at line 8, column 1)'; write"),
        ('"客户" = "customer"', '"合同号" = "customer"', "loanperf.toml: it is no TOML: 'Cannot overwrite a value"),
        (HEADS, f"[loans.days]\nopened_on = 'someday'\n{HEADS}", "loanperf.toml, [loans.days]: 'someday' is not a val"),
        (GB, "payees = 3", "'payees': it is 3; write a section [payees]"),
        ("always = { kind", "always = { kin", "always of events: there is no column 'kin'"),
    ],
)  # fmt: skip
def test_a_wrong_map_says_what_would_be_right(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Whoever writes the map is no programmer: each slip is named with its place and a remedy."""
    assert old in MAP

    assert said in refusal(tmp_path, MAP.replace(old, new, 1))


def test_all_faults_of_a_map_are_told_at_once(tmp_path: Path) -> None:
    """Mending one to be told of the next is how an afternoon goes."""
    text = MAP.replace('"loan"', '"laon"', 1).replace("gb18030", "gb").replace("[events]", "[evnts]", 1)
    said = refusal(tmp_path, text)

    assert ("'laon'" in said, "encoding 'gb'" in said, "[evnts]: there is no table" in said) == (True, True, True)


def test_a_map_that_is_not_utf_8_says_so(tmp_path: Path) -> None:
    """An editor of Chinese Windows may save it as GB18030."""
    tmp_path.joinpath("loanperf.toml").write_bytes(MAP.encode("gb18030"))

    with pytest.raises(lp.errors.DataError, match=r"loanperf.toml: it is not UTF-8; save it as UTF-8"):
        read_folder(tmp_path)


def test_what_is_always_so_stands_beside_no_column_of_that_name(tmp_path: Path) -> None:
    """Two answers to one question are refused, whichever would hold."""
    folder = written(tmp_path, {"events.csv": "loan,kind,on\nL1,signed,2026-03-02\n"})
    written(folder, {"loanperf.toml": "[events.always]\nkind = 'disbursed'\n"})

    with pytest.raises(lp.errors.DataError, match=r"the column 'kind' stands 2 times \(as 'kind', 'kind'\)"):
        read_folder(folder).facts(MARCH)


def test_empty_rows_stay_empty_beside_what_is_always_so(tmp_path: Path) -> None:
    """Exports end with rows of commas; they are no events."""
    folder = written(tmp_path, {"events.csv": "loan,on,amount\nL1,2026-03-02,5元\n,,\n"})
    written(folder, {"loanperf.toml": "[events.always]\nkind = 'disbursed'\n"})
    facts = read_folder(folder).facts(MARCH)

    assert (1, 1, ()) == (facts.rows, len(facts), facts.problems)
