"""What a call raises that was refused, found nobody, or brought what cannot be right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

from pydantic import ValidationError


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of a request."""

    path: str
    message: str


class AegisProblem(Exception):
    """A call that was refused, found nobody, or brought what cannot be right."""

    status: int
    """HTTP status; 0 when there was no answer."""
    code: str
    """Stable, kebab-case: the server's, or of this client `unreachable`, `timed-out`, `answer-unreadable`."""
    title: str
    detail: str
    """What was refused, and what to do."""
    request_id: str | None
    errors: Sequence[FieldError]
    retry_after_seconds: int | None
    """How long the server asked to be left alone."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        title: str = "",
        request_id: str | None = None,
        errors: Sequence[FieldError] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        places = "; ".join(f"{error.path or 'body'}: {error.message}" for error in errors)
        super().__init__(f"{detail} {places}" if places else detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.request_id = request_id
        self.errors = tuple(errors)
        self.retry_after_seconds = retry_after_seconds

    @property
    def may_pass(self) -> bool:
        """Whether waiting may help: nobody there, too much to do, or a fault of the server's."""
        return self.status in (0, 429) or self.status >= 500

    @classmethod
    def from_answer(cls, status: int, body: bytes, headers: Message) -> AegisProblem:
        """Of an answer that is no success."""
        seconds = retry_after_of(headers)
        try:
            problem = json.loads(body)
        except ValueError:
            return cls.unreadable(status, retry_after_seconds=seconds)
        if not isinstance(problem, dict):
            return cls.unreadable(status, retry_after_seconds=seconds)
        code, detail = problem.get("code"), problem.get("detail")
        if not isinstance(code, str) or not isinstance(detail, str):
            return cls.unreadable(status, retry_after_seconds=seconds)
        request_id = problem.get("requestId")
        return cls(
            status,
            code,
            detail,
            title=str(problem.get("title", "")),
            request_id=request_id if isinstance(request_id, str) else None,
            errors=_errors_of(problem.get("errors")),
            retry_after_seconds=seconds,
        )

    @classmethod
    def unreadable(
        cls, status: int, cause: ValidationError | None = None, *, retry_after_seconds: int | None = None
    ) -> AegisProblem:
        """Of an answer that is not Aegis' way to speak: another server's, an older one's, or a cut one."""
        detail = f"The answer (status {status}) is not one of Aegis: check the address, and what stands between."
        errors = [] if cause is None else cause.errors(include_url=False, include_context=False)
        places = [FieldError(".".join(map(str, error["loc"])), error["msg"]) for error in errors]
        return cls(status, "answer-unreadable", detail, errors=places, retry_after_seconds=retry_after_seconds)

    @classmethod
    def unreachable(cls, base_url: str) -> AegisProblem:
        """Of no answer at all."""
        detail = f"No server answers at {base_url}. Start it (ag server start), or check the address."
        return cls(0, "unreachable", detail)

    @classmethod
    def timed_out(cls, base_url: str) -> AegisProblem:
        """Of an answer that was not waited for any longer: what was asked for may have happened."""
        return cls(0, "timed-out", f"{base_url} did not answer within the time that the call was given.")


def retry_after_of(headers: Message) -> int | None:
    """The seconds of `Retry-After`, where the answer has it."""
    text = headers.get("Retry-After", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _errors_of(errors: object) -> list[FieldError]:
    given = errors if isinstance(errors, list) else []
    return [FieldError(str(one.get("path", "")), str(one.get("message", ""))) for one in given if isinstance(one, dict)]
