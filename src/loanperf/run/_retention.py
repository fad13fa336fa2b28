"""Retention: how long the law asks to keep records, as data."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._periods import Period


@frozen(kw_only=True)
class Retention(PlainData):
    """How long something must be kept at least, and by which rule."""

    what: Label
    place: str
    """The country, by its code of ISO 3166."""
    years: int
    source: str

    def until(self, period: Period) -> date:
        """The day from which what was made in a period need not be kept: so many years after the year it lies in.

        >>> RETENTION[0].until(Period.month(2026, 3))
        datetime.date(2057, 1, 1)
        """
        return date(period.last_day.year + self.years + 1, 1, 1)


RETENTION = (
    Retention(
        what=Label("ledger and payments, as accounting records", "台账与发放记录（会计账簿、凭证）"),
        place="CN",
        years=30,
        source="会计档案管理办法 (财政部、国家档案局令第79号), 2016, annex",
    ),
    Retention(
        what=Label("what each payee was paid, with time and amount", "工资支付记录"),
        place="CN",
        years=2,
        source="工资支付暂行规定 (劳部发 1994 年 489 号), article 6",
    ),
    Retention(
        what=Label("compensation paid to a loan originator, and the agreement by which", "贷款发起人薪酬及其协议"),
        place="US",
        years=3,
        source="Regulation Z, 12 CFR 1026.25(c)(2)",
    ),
    Retention(
        what=Label("payroll records", "工资记录"),
        place="US",
        years=3,
        source="Fair Labor Standards Act, 29 CFR 516.5",
    ),
)
"""How long the law asks to keep records, at the least. `Database.erase` removes personal fields when they are no longer
needed. Other countries and a host's own rules may ask for more; this is no legal advice."""
