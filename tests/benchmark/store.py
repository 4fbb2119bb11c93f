#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store with a million samples, 1,000 runs of 20 cases with 5 metrics and 10 trials each: how fast they go in, how long
the history of one case takes, and that 20 imports killed at random points leave whole runs. Then 10,000 runs of 20 cases: how
long the history of one takes, from SQLite and from a PostgreSQL server of our own, how long the pages take, and how large the
largest is. Floors are those of issue 16: 100,000 samples a second, 50 ms, 30 s, 1 MB; the machine should be idle.

usage: store.py PROGRAM [RUNS [SITE_RUNS]]"""
import pathlib
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

for name in ("fixtures", "integration"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / name))
import make_history  # noqa: E402
import postgres  # noqa: E402

CASES, METRICS, TRIALS = 20, 5, 10
program = sys.argv[1]
runs, site_runs = (int(text) for text in (sys.argv[2:] + ["1000", "10000"][len(sys.argv) - 2:]))
draw = random.Random(20261129)
faults = []


def timed(*arguments):
    """Seconds of the clock, and of the processor."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make(folder, n, trials, metrics):
    names = tuple(f"figure_{i}" for i in range(metrics))
    paths = []
    for run in range(n):
        level = 0.97 if run > n * 0.995 else 1
        cases = [make_history.case(number, [round(draw.gauss(1000, 20) * level, 6) for _ in range(trials)],
                                   ("cpu", "memory", "network", "disk")[number % 4], names)
                 for number in range(1, CASES + 1)]
        paths.append(make_history.write(folder, run, make_history.record(run, cases, labels={"commit": f"c{run}"})))
    return paths


def hold(what, is_right):
    print(("" if is_right else "MISSED: ") + what, flush=True)
    if not is_right:
        faults.append(what)


def check_history(store, what):
    """Every run of a case, as a table."""
    times = sorted(timed("store", "query", "--store", store, "--case", "work-7 *") for _ in range(9))
    (seconds, busy), (least, _) = times[4], times[0]
    hold(f"history of one case, {what}: {seconds * 1000:.0f} ms, least {least * 1000:.0f} ({busy * 1000:.0f} ms of a processor)",
         seconds < 0.05)


def check_server(paths):
    try:
        server = postgres.Server()
    except unittest.SkipTest as reason:
        print(reason)
        return
    try:
        address = server.database("history")
        seconds, _ = timed("store", "import", "--store", address, *paths)
        print(f"into PostgreSQL in {seconds:.1f} s", flush=True)
        server.ask("history", "VACUUM ANALYZE")
        check_history(address, f"{len(paths)} runs on PostgreSQL")
    finally:
        server.stop()


def check_kills(store, paths, duration):
    """Kills imports; what is there after each is whole."""
    for turn in range(20):
        with subprocess.Popen([program, "store", "import", "--store", store, *paths], stderr=subprocess.DEVNULL) as process:
            time.sleep(duration * draw.uniform(0.01, 0.2))
            process.kill()
        subprocess.run([program, "store", "query", "--store", store], check=True, stdout=subprocess.DEVNULL)
        with sqlite3.connect(store) as connection:
            counts = set(connection.execute("SELECT COUNT(*) FROM figures f JOIN samples s ON s.figure = f.id GROUP BY f.run"))
            whole = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if counts - {(CASES * METRICS * TRIALS,)} or not whole:
            hold(f"kill {turn}: {counts}", False)
    hold("20 kills left whole runs", True)


def main():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = pathlib.Path(name)
        (folder / "records").mkdir()
        paths = make(folder / "records", runs, TRIALS, METRICS)
        seconds, busy = timed("store", "import", "--store", folder / "h.db", *paths)
        samples = runs * CASES * METRICS * TRIALS
        hold(f"{samples} samples in {seconds:.1f} s ({busy:.1f} s of a processor): {samples / seconds:.0f} a second",
             samples / seconds > 100000)
        check_history(folder / "h.db", f"{runs} runs")
        check_kills(folder / "killed.db", paths, seconds)
        for path in paths:
            path.unlink()
        paths = make(folder / "records", site_runs, 2, 1)
        seconds, _ = timed("store", "import", "--store", folder / "site.db", *paths)
        print(f"{site_runs} small runs in {seconds:.1f} s", flush=True)
        check_history(folder / "site.db", f"{site_runs} runs")
        check_server(paths)
        seconds, busy = timed("report", "--store", folder / "site.db", "-o", folder / "site")
        largest = max(path.stat().st_size for path in (folder / "site").iterdir())
        hold(f"pages of {site_runs} runs in {seconds:.1f} s ({busy:.1f} s of a processor)", seconds < 30)
        hold(f"largest page {largest / 1e6:.2f} MB", largest < 1e6)


main()
sys.exit(bool(faults))
