"""Pydantic: results in models, and in the answers of FastAPI, as the plain data that `data` gives."""

from __future__ import annotations

from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from loanperf.archive import PlainData
from loanperf.errors import LoanPerfError


class AsData:
    """Marks a result or an agreement in a model: it is read by `from_data` and written by `data`.

    >>> from typing import Annotated
    >>> from loanperf import Target, quantity
    >>> from pydantic import BaseModel
    >>> class Goal(BaseModel):
    ...     target: Annotated[Target, AsData]
    >>> goal = Goal(target=Target(payee="lin", indicator="loan_amount", value=quantity("120万元")))
    >>> Goal.model_validate_json(goal.model_dump_json()) == goal
    True
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[PlainData], _: GetCoreSchemaHandler) -> CoreSchema:
        """How a model reads and writes a value of the class that is marked."""

        def read(value: Any) -> PlainData:
            if isinstance(value, source):
                return value
            try:
                return source.from_data(value)
            except LoanPerfError as error:
                raise ValueError(str(error)) from None

        written = core_schema.plain_serializer_function_ser_schema(source.data)
        return core_schema.no_info_plain_validator_function(read, serialization=written, metadata={"loanperf": source})

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, _: GetJsonSchemaHandler) -> dict[str, Any]:
        """The schema of the class, each part written out where it stands, since a model has names of its own.

        Of what holds values of its own class, such as an indicator that is made of others, the inner one is any object.
        """
        whole = schema["metadata"]["loanperf"].json_schema()
        found: dict[str, Any] = _written_out({"$ref": whole["$ref"]}, whole["$defs"])
        return found


def _written_out(schema: Any, parts: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    """A schema without references; `within` are the parts in which it stands."""
    if isinstance(schema, list):
        return [_written_out(item, parts, within) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return {"type": "object"} if name in within else _written_out(parts[name], parts, (*within, name))
    return {name: _written_out(item, parts, within) for name, item in schema.items()}
