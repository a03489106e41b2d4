"""Server-sent events out of bytes, however they are cut."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .problem import AegisProblem

# Far more than the server lets an agent say at once: beyond it something else is speaking.
LONGEST_LINE = 64 * 1024 * 1024

LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass
class SseFrame:
    """An event's fields, or a comment."""

    id: str | None = None
    event: str | None = None
    data: str | None = None
    retry: int | None = None
    comment: str | None = None

    def add(self, line: str) -> None:
        """Takes one more line in."""
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "":
            self.comment = value
        elif field == "data":
            self.data = value if self.data is None else f"{self.data}\n{value}"
        elif field == "id":
            self.id = value
        elif field == "event":
            self.event = value
        elif field == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value)


def sse_frames(chunks: Iterable[bytes]) -> Iterator[SseFrame]:
    """Frames as they are whole. What is unfinished at the end is dropped."""
    frame = SseFrame()
    for line in _lines_of(chunks):
        if line != "":
            frame.add(line)
        elif frame != SseFrame():
            yield frame
            frame = SseFrame()


# A long line arrives in many chunks: only what is new is looked through, so its cost stays proportional to its length.
def _lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    begun: list[str] = []
    length = 0
    ended_in_return = False
    for chunk in chunks:
        decoded = decoder.decode(chunk)
        if decoded == "":
            continue
        # The second half of a line end that was cut in two.
        text = decoded[1:] if ended_in_return and decoded.startswith("\n") else decoded
        ended_in_return = decoded.endswith("\r")
        start = 0
        for end in LINE_END.finditer(text):
            yield "".join(begun) + text[start : end.start()]
            start = end.end()
            begun = []
            length = 0
        begun.append(text[start:])
        length += len(text) - start
        if length > LONGEST_LINE:
            raise AegisProblem.unreadable(200)
