"""Runs the workloads of mbl and its peers in turn, and prints mbl's time divided by each peer's."""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
WORKLOADS = ["W1", "W2", "W3", "W5", "W6", "W7", "W8"]

# mbl's time divided by the peer's is to be at most this.
GOALS = {
    "lsqlite3": {"W1": 0.9, "W2": 0.9, "W7": 0.9, "W8": 0.9},
    "better-sqlite3": {"W1": 0.8, "W2": 0.8, "W7": 1.0, "W8": 0.8},
    "prisma": {"W1": 1 / 5, "W2": 1 / 50, "W7": 1 / 2.5, "W8": 1 / 5},
    "prisma-7.3": {"W1": 1 / 5, "W2": 1 / 50, "W7": 1 / 2.5, "W8": 1 / 5},
}

# A round of one peer is to take about this long, in seconds.
TURN = 0.3

# How long each turn waits for what the one before has left running: a collector, in threads of its own.
PAUSE = 0.05


class Peer:
    """A process that does what it is told: a line `W1 100` in, a line `done` out."""

    def __init__(self, name, command, prefix="", cwd=None):
        self.name = name
        self.prefix = prefix
        self.process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, workload, count):
        begun = time.perf_counter()
        try:
            self.process.stdin.write(f"{self.prefix}{workload} {count}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        if self.process.stdout.readline().strip() != "done":
            raise RuntimeError(self.process.stderr.read().strip() or "it ended")
        return time.perf_counter() - begun

    def turn(self, workload, count):
        """Returns the time of one of `count`; a tenth of them come before, unmeasured, and find the caches as the others left them."""
        time.sleep(PAUSE)
        self.run(workload, max(1, count // 10))
        return self.run(workload, count) / count

    def calibrate(self, workload):
        """Returns how often `workload` fills a turn."""
        count = 1
        while True:
            taken = self.run(workload, count)
            if taken > TURN / 4 or count >= 1_000_000:
                return max(1, round(count * TURN / taken))
            count *= 4

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def peers(hot, folder, database):
    """Yields the peers that can be started here; says of the others why not."""
    ours = Peer("mbl", [hot, "--serve", "--database", database], "mbl ")
    # It makes the rows for all.
    ours.run("W2", 1)
    yield ours
    yield Peer("rusqlite", [hot, "--serve", "--database", database], "rusqlite ")
    environment = {"LUA_CPATH": f"{folder}/?.so;;"}
    candidates = [
        ("lsqlite3", ["lua5.4", str(HERE / "lsqlite3.lua"), database], "set LSQLITE3 to its C file", folder),
        ("luasql", ["lua5.4", str(HERE / "luasql.lua"), database], "lua5.4 with lua-sql-sqlite3", folder),
        ("better-sqlite3", ["node", "better-sqlite3.mjs", database], "npm: better-sqlite3", folder),
        ("prisma-7.3", ["node", "prisma.mjs", database], "npm: prisma", f"{folder}/prisma-7.3"),
        ("prisma", ["node", "prisma.mjs", database], "npm: prisma", folder),
    ]
    os.environ.update(environment)
    for name, command, needs, place in candidates:
        if shutil.which(command[0]) is None or not os.path.isdir(place):
            print(f"skipped: {name}: there is no {command[0]}, or it is not installed ({needs})", file=sys.stderr)
            continue
        peer = Peer(name, command, cwd=place)
        try:
            peer.run("W2", 1)
        except RuntimeError as error:
            lines = [line[:200] for line in str(error).splitlines() if line.strip()]
            line = next((line for line in lines if "Error" in line or "not found" in line), lines[0] if lines else "")
            print(f"skipped: {name}: it does not start ({needs}): {line}", file=sys.stderr)
            continue
        yield peer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hot", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("workloads", nargs="*", default=WORKLOADS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        database = os.path.join(scratch, "hot.db")
        started = list(peers(options.hot, options.folder, database))
        ours, others = started[0], started[1:]
        print("mbl's time divided by the peer's: median (least to greatest), and the goal")
        print(f"{'':4}" + "".join(f"{peer.name:>32}" for peer in others))
        for workload in options.workloads:
            counts = {peer.name: peer.calibrate(workload) for peer in started}
            ratios = {peer.name: [] for peer in others}
            for _ in range(options.rounds):
                own = ours.turn(workload, counts["mbl"])
                for peer in others:
                    ratios[peer.name].append(own / peer.turn(workload, counts[peer.name]))
            cells = []
            for peer in others:
                figures = ratios[peer.name]
                goal = GOALS.get(peer.name, {}).get(workload)
                median = statistics.median(figures)
                text = f"{median:.3f} ({min(figures):.3f}-{max(figures):.3f})"
                if goal is not None:
                    text += f" {goal:.2f}" + ("" if median <= goal else " missed")
                cells.append(f"{text:>32}")
            print(f"{workload:4}" + "".join(cells), flush=True)
        for peer in started:
            peer.end()


main()
