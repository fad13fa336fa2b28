"""Database: a URL and a company -> the ports over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen
from sqlalchemy import Engine

from loanperf._facts import USUAL, Authority, must_be_authority
from loanperf._seals import Head
from loanperf.adapters.sql._cipher import Keys
from loanperf.adapters.sql._engine import engine_of, url_of
from loanperf.adapters.sql._entries import SqlEntries
from loanperf.adapters.sql._facts import SqlFacts
from loanperf.adapters.sql._payments import SqlPayments
from loanperf.adapters.sql._people import SqlPeople
from loanperf.adapters.sql._personal import SqlPersonal, erased
from loanperf.adapters.sql._readers import admit_reader
from loanperf.adapters.sql._schemes import SqlSchemes
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._verify import verify_database
from loanperf.adapters.sql._versions import upgrade, version_of
from loanperf.opening import StatedBalance
from loanperf.run import Verified


@frozen
class Database:
    """One company's part of a database, with a port for each thing that is in it.

    Connections are made when they are needed. The same database may hold many companies; what is done by these ports
    touches one.

    >>> from loanperf.adapters.sql import Database
    >>> database = Database.connect("sqlite://", company="north")  # in memory; sqlite:///pay.db is a file
    >>> database.upgrade()
    >>> list(database.entries.read("pay/ledger"))
    []
    """

    scope: Scope
    authority: Authority = field(default=USUAL, converter=must_be_authority)
    """Whose word holds for each kind of event where several feeds are kept."""

    @classmethod
    def connect(
        cls,
        url: str = "sqlite:///loanperf.db",
        *,
        company: str,
        keys: Keys | None = None,
        authority: Authority = USUAL,
    ) -> Database:
        """Use a database.

        Args:
            url: as SQLAlchemy writes it: `sqlite:///pay.db` or `postgresql://user:password@host/name`. A statement
                waits 30 seconds for another's lock; `?timeout=5` (SQLite) or `?options=-c%20lock_timeout%3D5000`
                (PostgreSQL) says otherwise.
            company: whose rows; 1 to 200 characters.
            keys: seal salaries and account numbers; see `Keys`.
            authority: whose word holds for each kind of event, by the names of the feeds.

        Raises:
            StoreError: the URL cannot be read or is of another kind of database, or the company is no code.
            MissingExtraError: the driver of PostgreSQL is not installed.
        """
        return cls(Scope(engine_of(url_of(url)), company, keys), authority)

    def upgrade(self) -> None:
        """Create the tables, or bring them to this library's version with what is in them.

        Raises:
            StoreError: the database cannot be reached, or is of a newer version; nothing was changed.
        """
        upgrade(self.engine)

    @property
    def version(self) -> str:
        """The version of the schema that the database has; empty where it has none."""
        return version_of(self.engine)

    @property
    def engine(self) -> Engine:
        """The engine of SQLAlchemy, for a host's own statements."""
        return self.scope.engine

    @property
    def facts(self) -> SqlFacts:
        """Facts and readings."""
        return SqlFacts(self.scope, self.authority)

    @property
    def people(self) -> SqlPeople:
        """Units, payees, assignments, accounts."""
        return SqlPeople(self.scope)

    @property
    def schemes(self) -> SqlSchemes:
        """Schemes and targets, of a company with one scheme; of others `SqlSchemes(database.scope, name)`."""
        return SqlSchemes(self.scope)

    @property
    def entries(self) -> SqlEntries:
        """Streams of records, the ledger among them."""
        return SqlEntries(self.scope)

    @property
    def personal(self) -> SqlPersonal:
        """Names and salaries of archived results, from which they can be erased."""
        return SqlPersonal(self.scope)

    @property
    def payments(self) -> SqlPayments:
        """The outbox of payments, and finance's answers."""
        return SqlPayments(self.scope)

    def heads(self) -> tuple[Head, ...]:
        """How far each stream of the company is, with its seal: keep them elsewhere, and pass them to `verify`.

        Raises:
            StoreError: the database fails.
        """
        return self.entries.heads()

    def verify(
        self,
        heads: Iterable[Head] = (),
        *,
        balances: Iterable[StatedBalance] | Mapping[str, Iterable[StatedBalance]] = (),
    ) -> Verified:
        """See whether all that is kept of the company fits: streams, payments, facts, versions of schemes.

        See `lp.verify`.

        So must texts that are personal fit their commitments; those that are sealed are seen with their key alone.

        Args:
            heads: as an earlier `heads`, or `verify`, gave them; without them nobody sees what was cut off, or made
                anew with all seals.
            balances: what finance says of payees; of the company's one scheme, or by the name of each.

        Raises:
            DataError: one of the arguments is of another class, or balances are of no ledger that is here.
            StoreError: the database cannot be reached, or has another version of the schema.
        """
        return verify_database(self.scope, heads, self.authority, balances)

    def admit_reader(self, role: str) -> None:
        """Let a role of PostgreSQL read this company's rows, and write nothing; accounts of payees stay hidden.

        Of SQLite a reader is who opens the file so: `sqlite:///file:pay.db?mode=ro&uri=true`.

        Raises:
            StoreError: the database is SQLite, there is no such role, or the right to admit it lacks.
        """
        admit_reader(self.scope, role)

    def erase(self, payee: str) -> int:
        """Erase the name and account of a payee, and names and salaries of archived results; how many rows that were.

        Streams, sums and seals stay as they are. Assignments stay too, since results are worked by them; `people.keep`
        replaces them. Copies of the database have everything still.

        Raises:
            DataError: it can be the code of no payee.
            StoreError: the database fails; nothing was erased.
        """
        return erased(self.scope, payee)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
