"""The Python client of Aegis: every operation, and event streams that resume."""

from ._generated.models import Event
from .client import AegisClient, as_known
from .event_stream import ConnectionState, Gap, RawEvent
from .problem import AegisProblem, FieldError
from .transport import Lines
from .wire import UNSET

__all__ = [
    "UNSET",
    "AegisClient",
    "AegisProblem",
    "ConnectionState",
    "Event",
    "FieldError",
    "Gap",
    "Lines",
    "RawEvent",
    "as_known",
]
