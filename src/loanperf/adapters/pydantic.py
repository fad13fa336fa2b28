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
        """The schema of the class, each part written out where it stands, since a model has names of its own."""
        whole = schema["metadata"]["loanperf"].json_schema()
        found: dict[str, Any] = _written_out({"$ref": whole["$ref"]}, whole["$defs"])
        return found


def _written_out(schema: Any, parts: dict[str, Any]) -> Any:
    """A schema without references."""
    if isinstance(schema, list):
        return [_written_out(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _written_out(parts[schema["$ref"].removeprefix("#/$defs/")], parts)
    return {name: _written_out(item, parts) for name, item in schema.items()}
