# SPDX-License-Identifier: GPL-3.0-or-later
"""What the campaign strikes: command lines, the files that come of them, and what is right."""
import contextlib
import hashlib
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from harness import PLUGINS, PROGRAM, SOURCE, benchmark

sys.path.insert(0, str(SOURCE / "tests" / "fixtures"))
import make_history  # noqa: E402

GOLDEN = SOURCE / "tests" / "golden" / "record.json"
# In the order of fault.c.
KINDS = ("malloc", "mmap", "open", "close", "dup", "read", "write", "truncate", "fsync", "lock", "rename", "unlink",
         "mkdir", "fork", "socket", "connect", "send", "recv", "list", "short")
# Not struck where the machine is described: what cannot be read is a fact that is reported as unknown.
NOT_OF_FACTS = tuple(kind for kind in KINDS if kind not in ("mmap", "open", "close", "read", "socket", "recv", "list", "fork"))


class Command:
    """A command line and what is to come of it. `outputs` are files that are there before it, with the content "old";
    `below`: the processes that it starts are struck, too. `short`: the kinds that the test strikes, where the command
    takes long; all the others are left to the benchmark. `one_of`: of the ways in processes below, one of so many is struck."""
    short = KINDS
    one_of = 1

    def __init__(self, arguments, kinds=KINDS, outputs=(), is_stable=True, below=False):
        self.arguments, self.kinds, self.outputs = [PROGRAM, *arguments], kinds, dict.fromkeys(outputs, b"old")
        self.is_stable, self.below = is_stable, below

    def result(self, _files):
        """What came of it, beside its files; None: its output and files are all."""
        return None

    def left(self, files):
        """Files that are to be gone."""
        return [name for name in files if name.split("/", 1)[1] not in self.outputs]

    def torn(self, files, whole):
        """Files that are neither old nor whole."""
        return [name for name, content in files.items()
                if content not in (self.outputs.get(name.split("/", 1)[1]), whole.get(name))]


def trials_of(case):
    return [(trial["status"], [metric["metric"] for metric in trial["metrics"]]) for trial in case["trials"]]


class Run(Command):
    """A run's record must hold all cases whatever was measured. What ended in between leaves its journal, from which
    it goes on."""
    folder = "out"

    def __init__(self, *arguments):
        super().__init__(["run", *arguments], is_stable=False, below=True)

    def records(self, files):
        return [json.loads(content) for name, content in sorted(files.items())
                if re.fullmatch(rf"work/{self.folder}/[^/]*\.json", name)]

    def result(self, files):
        return [(record["status"], [(case["group"], case["status"], sorted(case["params"]), trials_of(case))
                                    for case in record["cases"]]) for record in self.records(files)]

    def left(self, files):
        return [name for name in files if not re.fullmatch(rf"work/{self.folder}/[^/]*\.jsonl?", name)]

    def torn(self, files, whole):
        """A record is JSON, and a case that went wrong has a reason; with a journal beside it, it may end early."""
        try:
            records = self.records(files)
        except json.JSONDecodeError:
            return ["a record that is not JSON"]
        return [f"{case['group']}: {case['status']} without a reason" for record in records
                for case in record["cases"] if case["status"] != "ok" and not case.get("reason")]

    def struck_cases(self, files):
        return [case["group"] for record in self.records(files) for case in record["cases"] if case["status"] != "ok"]


class Places(Run):
    """A place that is lost costs its own cases, and its record says so. The process that goes from place to place is
    struck as well: it may end early, interrupted at all places, with the journals from which it goes on. The processes below
    are agents, all of whose ways are struck under that name, where they take a fifth of the time."""
    short = ("malloc", "write", "fork")
    one_of = 8

    def struck_cases(self, files):
        return [record["configuration"] for record in self.records(files)
                if any(case["status"] != "ok" and not (case["status"] == "interrupted" and self.goes_on(record, files))
                       for case in record["cases"])]

    @staticmethod
    def goes_on(record, files):
        return record["status"] == "interrupted" and any(
            name.endswith(".journal.jsonl") and json.loads(content.partition(b"\n")[0]).get("run_id") == record["run_id"]
            for name, content in files.items() if content)


class Try(Run):
    """A run of one case, which goes where records usually go."""
    short = ("malloc", "fork")
    folder = "vmsuite-results"

    def __init__(self, module):
        Command.__init__(self, ["module", "try", module], is_stable=False, below=True)


class ModuleCheck(Command):
    short = ("malloc",)

    def __init__(self, module):
        super().__init__(["module", "check", module], is_stable=False)


class Fleet(Command):
    """The folder of a fleet stays as it is, and what is written into it is whole."""
    short = ("malloc", "read", "write", "fork")
    MADE = ("work/fleet/comparison.json", "work/fleet/report.html")

    def __init__(self, what, description, records):
        super().__init__(["fleet", what, "fleet"])
        self.outputs = {"fleet/fleet.json": description}
        for node, record in records.items():
            self.outputs |= {f"fleet/jobs/{node}": b"7\n", f"fleet/ended/{node}": b"7 0\n", f"fleet/records/{node}/a.json": record}

    def left(self, files):
        return [name for name in super().left(files) if name not in self.MADE]

    def torn(self, files, whole):
        """A node whose record cannot be read is one that gave none: the comparison is another one then."""
        return [name for name in super().torn(files, whole) if name not in self.MADE or not self.is_whole(files[name])]

    @staticmethod
    def is_whole(content):
        with contextlib.suppress(ValueError):
            return content.endswith(b"</html>\n") or bool(json.loads(content))
        return False


class Bundle(Command):
    short = ("malloc", "open", "write")


class Hosts(Command):
    """The comparison of hosts, to a file."""
    short = ("malloc", "write")

    def __init__(self, *arguments):
        super().__init__([*arguments, "-o", "out"], outputs=["out"])


class Pages(Command):
    """Each page is whole, or not there."""

    def __init__(self, store):
        super().__init__(["report", "--store", store, "-o", "pages"])

    def left(self, files):
        return [name for name in files if not re.fullmatch(r"work/pages/[a-z0-9-]+\.html", name)]


class Module(Command):
    """A folder of files that are whole, or none."""

    def __init__(self):
        super().__init__(["module", "new", "mine"])

    def left(self, files):
        return [name for name in files if name not in ("work/mine/mine.c", "work/mine/test_mine.c", "work/mine/meson.build")]


class Import(Command):
    """The store holds whole runs, whatever was struck; a journal beside it is what SQLite undoes the next time."""
    FILES = ("h.db", "h.db-journal")

    def __init__(self, *records):
        super().__init__(["store", "import", "--store", "h.db", *records])
        self.samples = {record["run_id"]: sum(len(trial["metrics"]) for case in record["cases"] for trial in case["trials"]
                                              if trial["status"] == "ok")
                        for record in (json.loads(path.read_text()) for path in records)}

    def result(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name in self.FILES:
                if files.get(f"work/{name}"):
                    pathlib.Path(folder, name).write_bytes(files[f"work/{name}"])
            with contextlib.closing(sqlite3.connect(f"{folder}/h.db")) as store:
                if not store.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
                    return {}
                return dict(store.execute("SELECT r.run_id, COUNT(*) FROM runs r JOIN figures f ON f.run = r.id "
                                          "JOIN samples s ON s.figure = f.id GROUP BY r.id"))

    def left(self, files):
        return [name for name in files if name not in [f"work/{name}" for name in self.FILES]]

    def torn(self, files, _whole):
        return [run for run, samples in self.result(files).items() if samples != self.samples.get(run)]


class Facts(Command):
    """What cannot be read is a fact that is unknown, with its reason, never another one."""
    MOVING = {"memory.available_bytes", "clock.read_cost_s", "load.running", "load.average_1min", "storage.free_bytes",
              "load.watched_s", "load.watches", "load.stalled", "load.stall_longest_s", "load.stalled_unreported",
              "load.steal_under_reported"}

    def __init__(self):
        super().__init__(["env", "--json"], is_stable=False)

    def facts(self, out):
        """The named facts; None where the output is not JSON."""
        try:
            document = json.loads(out)
        except json.JSONDecodeError:
            return None
        facts = {fact["fact"]: fact for fact in document["facts"]}
        return facts if facts.keys() == {fact["fact"] for fact in document["facts"]} else None

    def is_same(self, base, out):
        was, now = self.facts(base), self.facts(out)
        return now is not None and [*was] == [*now] and all(
            now[name]["value"] == fact["value"] and now[name]["status"] == fact["status"]
            for name, fact in was.items() if name not in self.MOVING)

    def lies(self, base, out):
        """The facts that are neither as they were nor unknown."""
        was, now = self.facts(base), self.facts(out)
        if now is None or [*was] != [*now]:
            return ["the output"]
        return [f"{name}: {fact['value']} became {now[name]['value']} ({now[name]['status']})"
                for name, fact in was.items() if name not in self.MOVING and now[name]["status"] not in ("unknown", "error")
                and (now[name]["value"], now[name]["status"]) != (fact["value"], fact["status"])
                # Another piece of the evidence that says the same, where the best one could not be read.
                and not (name.endswith("_evidence") and now[name]["status"] == "ok"
                         and now["virtualization.kind"]["status"] == "error"
                         and now[name]["value"].split(" said ")[1] == fact["value"].split(" said ")[1])]


class HandOut(Command):
    """The disk has a valid head only where its record is whole."""
    MAGIC = b"vmsuite-record "

    def __init__(self):
        super().__init__(["guest", "hand-out", GOLDEN, "disk"])
        self.outputs = {"disk": b"no record yet\n".ljust(1 << 16, b"\0")}

    def torn(self, files, _whole):
        return [name for name, content in files.items()
                if content.startswith(self.MAGIC) and not self.is_whole(content)]

    def is_whole(self, content):
        size, digest = content[len(self.MAGIC):].split(b"\n", 1)[0].split()
        return hashlib.sha256(content[512:512 + int(size)]).hexdigest().encode() == digest


class Collect(Run):
    def __init__(self, disk):
        Command.__init__(self, ["guest", "collect", disk, "--output", "out"])

    def result(self, files):
        return [record["run_id"] for record in self.records(files)]


def disk_with_record(path):
    record = GOLDEN.read_bytes()
    head = f"vmsuite-record {len(record)} {hashlib.sha256(record).hexdigest()}\n".encode()
    path.write_bytes(head.ljust(512, b"\0") + record)
    return path


def history(folder):
    """The records of a history with a step, and their store."""
    records = folder / "history"
    records.mkdir()
    paths = make_history.make(records, 12, 1, 3, step=0.5)
    subprocess.run([PROGRAM, "store", "import", "--store", folder / "history.db", *paths], check=True, capture_output=True)
    return paths


def records_of_nodes(names):
    """A record of each node; their runs are several."""
    record = json.loads(GOLDEN.read_text())
    records = {}
    for i, name in enumerate(names):
        record |= {"labels": {"node": name}, "status": "failed", "run_id": f"{i:08x}{record['run_id'][8:]}"}
        records[name] = json.dumps(record).encode()
    return records


def fleets(folder):
    """Two nodes whose jobs are over: Slurm's queue is empty."""
    names = ["n1", "n2"]
    records = records_of_nodes(names)
    squeue = folder / "bin" / "squeue"
    squeue.parent.mkdir()
    squeue.write_text("#!/bin/sh\n")
    squeue.chmod(0o755)
    description = json.dumps({"schema": "vmsuite.fleet-jobs/1", "name": "vmsuite-0", "configuration": "here",
                              "program": "/bin/true", "nodes": names}).encode()
    paths = [folder / f"{name}.json" for name in names]
    for path, record in zip(paths, records.values()):
        path.write_bytes(record)
    return {"fleet-status": Fleet("status", description, records), "fleet-collect": Fleet("collect", description, records),
            "compare-by": Hosts("compare", "--by", "node", *paths, "--format", "json"),
            "report-by": Hosts("report", "--by", "node", *paths)}


def commands(folder):
    runs = history(folder)
    suite = folder / "suite.json"
    configuration = folder / "here.json"
    suite.write_text(json.dumps({"suite": "s", "description": "Two.", "trials": 2, "warmup": 0, "benchmarks": [
        benchmark("testgood"), benchmark("cpu", params={"samples": 100})]}))
    configuration.write_text(json.dumps({"configuration": "here", "suite": {
        "suite": "test", "trials": 2, "warmup": 0, "benchmarks": [
            benchmark("testgood"), benchmark("testslow", params={"seconds": "1ms"}),
            benchmark("testecho")]}}))
    module = folder / "module" / "testgood.so"
    module.parent.mkdir()
    shutil.copy(PLUGINS / module.name, module)
    other = json.loads(GOLDEN.read_text())
    other["run_id"] = other["run_id"][:-1] + ("0" if other["run_id"][-1] != "0" else "1")
    second = folder / "other.json"
    second.write_text(json.dumps(other))
    found = {
        "list": Command(["list"]),
        "list-json": Command(["list", "--json"]),
        "check-configuration": Command(["check", configuration]),
        "check-suite": Command(["check", suite]),
        "check-record": Command(["check", GOLDEN]),
        "dry-run": Command(["run", configuration, "--dry-run"]),
        "study-dry-run": Command(["study", "--kinds", "here,kvm", "--seed", "1", "--dry-run", "-o", "study"],
                                 is_stable=False),
        "env": Command(["env"], kinds=NOT_OF_FACTS, is_stable=False),
        "env-json": Facts(),
        "report": Command(["report", GOLDEN, second, "-o", "out.html"], outputs=["out.html"]),
        "hand-out": HandOut(),
        "store-import": Import(*runs[:2]),
        "store-query": Command(["store", "query", "--store", folder / "history.db"]),
        "store-export": Command(["store", "export", "--store", folder / "history.db", "--output", "out"], outputs=["out"]),
        "store-pages": Pages(folder / "history.db"),
        "trend": Command(["trend", "--store", folder / "history.db", "--json"]),
        "trend-gate": Command(["trend", "--store", folder / "history.db", "--fail-on-change", "-o", "out"], outputs=["out"]),
        "bundle": Bundle(["bundle", "-o", "out"], outputs=["out"]),
        "help": Command(["help", "run"]),
        "module-new": Module(),
        "module-check": ModuleCheck(module),
        "module-try": Try(module),
        "places": Places(configuration, "--on", "local", "--on", "far=exec:env", "--output", "out", "--scratch", "scratch",
                         "--quiet"),
        "collect": Collect(disk_with_record(folder / "record.img")),
        "run": Run(configuration, "--output", "out", "--scratch", "scratch", "--quiet"),
    }
    for form in ("table", "markdown", "json", "csv", "junit"):
        found[f"compare-{form}"] = Command(["compare", GOLDEN, second, "--format", form, "--output", "out"],
                                           outputs=["out"])
    for form in ("csv", "jsonl", "openmetrics", "google-benchmark", "github", "bmf"):
        found[f"export-{form}"] = Command(["export", GOLDEN, "--format", form, "--output", "out"], outputs=["out"])
    return found | fleets(folder)
