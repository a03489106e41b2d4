"""The README's example runs as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from play_server import Asked, bye, frame, play_server

README = Path(__file__).parents[1] / "README.md"
SESSION = {
    "id": "s1",
    "name": "demo",
    "status": "idle",
    "workDir": "/projects/demo",
    "permissionMode": "default",
    "agent": "demo",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "lastActivity": "2026-01-01T00:00:00.000Z",
    "owner": "local",
    "version": 1,
    "labels": {},
    "pendingApprovals": 0,
    "queuedPrompts": 0,
    "paused": False,
    "parked": False,
    "health": {"stalled": False},
    "cost": 0,
    "seq": 1,
    "hash": "0",
    "reused": False,
}


def test_the_readmes_example_runs_as_printed() -> None:
    def play(asked: Asked) -> None:
        if asked.path.startswith("/v1/sessions/s1/events"):
            asked.open_stream().write(frame(1) + bye("session-ended"))
        elif asked.path == "/v1/auth/sse-token":
            asked.answer(201, {"token": "sse_1", "expiresAt": "2999-01-01T00:00:00.000Z"})
        elif asked.method == "POST":
            asked.answer(201, SESSION)
        else:
            asked.answer(200, {"items": [SESSION, SESSION]})

    example = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert example is not None
    with play_server(play) as url:
        env = {**os.environ, "AEGIS_URL": url, "AEGIS_AUTH_TOKEN": "x"}
        words = [sys.executable, "-c", example[1]]
        ran = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert (ran.stderr, ran.stdout) == ("", "message.delta\n2\n")
