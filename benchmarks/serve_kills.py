"""A server that is killed loses nothing: `seed serve --data FILE` under writes, killed (SIGKILL) and opened again.

    .venv/bin/python -m benchmarks.serve_kills --rounds 10

While a world is seeded through it and profiles are made in another table, the server is killed at a random moment, and
started again on its file and its port. Then seeding is done again, and must end at the digest of a world that nothing
stopped, with a clean audit; and each profile that was acknowledged before the kill must be there.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Final

from benchmarks.command import SEED
from benchmarks.crashes import AS_OF, LONGEST_SECONDS, ROOT
from services import connect
from services.audit import audit
from services.errors import ServiceError

WORLD: Final = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
FIRST_SECONDS, LAST_SECONDS = 0.3, 4.0


@contextmanager
def serving(file: Path, port: int) -> Iterator[None]:
    """Serve a file for the block, at whose end the server is killed.

    Raises:
        RuntimeError: it is not served.
    """
    command = [*SEED, "serve", "--port", str(port), "--data", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
        try:
            said = []
            for line in process.stdout or ():
                said.append(line)
                if "served at" in line:
                    break
            else:
                raise RuntimeError("".join(said))
            yield
        finally:
            process.kill()


def ask(url: str, known: list[str], is_over: Event) -> None:
    """Make profiles until it is over or the server is gone; keep the ids that were acknowledged."""
    with suppress(ServiceError), connect(url, "asked") as app:
        for name in (f"ada_{number}" for number in count()):
            if is_over.is_set():
                return
            user = app.profiles.create_profile(email=f"{name}@example.com", username=name, handle=name, full_name="Ada")
            known.append(user.id)


def killed(draw: random.Random, wanted: str) -> tuple[int, list[str]]:
    """Kill one server; return how many profiles were acknowledged, and what is wrong in the end."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        file, url, known, is_over = Path(folder) / "world.db", f"http://127.0.0.1:{port}", list[str](), Event()
        seed = [*SEED, *WORLD, "--endpoint-url", url, "--table", "social"]
        with serving(file, port):
            asker = Thread(target=ask, args=(url, known, is_over))
            asker.start()
            seeding = subprocess.Popen(seed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
            time.sleep(draw.uniform(FIRST_SECONDS, LAST_SECONDS))
        with serving(file, port):
            is_over.set()
            seeding.wait(LONGEST_SECONDS)
            asker.join()
            again = subprocess.run(seed, capture_output=True, text=True, cwd=ROOT, check=False)
            wrong = [f"exit code {again.returncode}: {again.stderr[-400:]}"] if again.returncode else []
            return len(known), [*wrong, *faults(url, known, wanted)]


def faults(url: str, known: list[str], wanted: str) -> list[str]:
    """Tell what the tables lack."""
    with connect(url, "social", is_made=False) as app:
        found = audit(app.session.store)
    with connect(url, "asked") as app:
        lost = len(known) - len(app.profiles.get_many(known))
        drift = [finding.message for finding in audit(app.session.store).findings]
    wrong = [*drift, *(finding.message for finding in found.findings)]
    wrong += [f"{lost} of {len(known)} acknowledged profiles are lost"] if lost else []
    return wrong if found.digest == wanted else [*wrong, f"digest {found.digest}"]


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.serve_kills", description="Kill servers, serve again, compare.")
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="servers to kill")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments; others with another seed")
    asked = parser.parse_args(arguments)
    told = subprocess.run([*SEED, *WORLD, "--json", "digest"], capture_output=True, text=True, check=True, cwd=ROOT)
    draw, right = random.Random(asked.seed), 0
    for number in range(asked.rounds):
        acknowledged, wrong = killed(draw, json.loads(told.stdout)["digest"])
        right += not wrong
        print(
            f"  round {number}, {acknowledged} profiles acknowledged: {'; '.join(wrong[:5]) or 'all there'}", flush=True
        )
    print(f"serve: {right} of {asked.rounds} killed servers lost nothing", flush=True)
    return 0 if right == asked.rounds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
