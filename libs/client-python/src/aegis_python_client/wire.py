"""How values of Python and of the wire become one another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from enum import Enum
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")


class Unset(Enum):
    """For arguments where None means something of its own."""

    UNSET = 0


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET


def wire_name(name: str) -> str:
    """A field's name on the wire, where it does not say another: `work_dir` is `workDir`."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


class Model(BaseModel):
    """What a server answers, or takes. Fields that a later server adds are kept (`model_extra`)."""

    model_config = ConfigDict(
        alias_generator=wire_name, populate_by_name=True, extra="allow", defer_build=True, protected_namespaces=()
    )


class _Open:
    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        strict = core_schema.str_schema if all(isinstance(value, str) for value in get_args(source)) else _any_number
        return core_schema.union_schema([handler(source), strict(strict=True)], mode="left_to_right")


def _any_number(*, strict: bool) -> CoreSchema:
    return core_schema.union_schema([core_schema.bool_schema(strict=strict), core_schema.float_schema(strict=strict)])


Open: TypeAlias = Annotated[T, _Open()]
"""One of the values that are known today. What a later server says instead is given as it is."""


def to_wire(value: object) -> Any:
    """A value as JSON has it: models without what was never set, times in UTC."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: to_wire(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_wire(item) for item in value]
    return value
