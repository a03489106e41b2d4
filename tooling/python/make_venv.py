"""Makes a virtual environment that has what is required, or leaves the one that is there: FOLDER REQUIREMENTS."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import venv
from pathlib import Path

folder, requirements = map(Path, sys.argv[1:])
folder.parent.mkdir(parents=True, exist_ok=True)

# Whoever comes meanwhile waits; a maker that was killed has left the lock, and an environment without its mark.
with folder.with_suffix(".lock").open("w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    mark = folder / "made-of.txt"
    made_of = f"{sys.executable} {sys.version}\n{requirements.read_text('utf-8')}"
    if not mark.exists() or mark.read_text("utf-8") != made_of:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, symlinks=True)
        # With the pip that is there: to bring one of its own costs more than all that it installs. A missing index
        # costs one look, and what is run is compiled then.
        pip = [sys.executable, "-m", "pip", "--python", str(folder), "--disable-pip-version-check", "--quiet"]
        install = [*pip, "install", "--retries", "0", "--no-compile", "--requirement", str(requirements)]
        subprocess.run(install, check=True)
        mark.write_text(made_of, "utf-8")
