# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what fuzzing of documents begins with, a folder a kind, and a dictionary of the members and words that the
schemas know. usage: make_seeds.py SOURCE OUTPUT"""
import json
import pathlib
import struct
import sys

source, output = map(pathlib.Path, sys.argv[1:])


def put(kind, name, *documents):
    folder = output / kind
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(document, separators=(",", ":")) for document in documents]
    (folder / name).write_text("\n".join(lines) + "\n" * (len(lines) > 1))


def load(path):
    return json.loads(path.read_text())


def put_shipped():
    suites = {path.stem: load(path) for path in source.glob("runner/suites/*.json")}
    configurations = {path.stem: load(path) for path in source.glob("runner/configurations/*.json")}
    for name, suite in suites.items():
        put("suite", name, suite)
        for i, benchmark in enumerate(suite["benchmarks"]):
            put("suite", f"{name}-{i}", {"suite": name, "trials": "auto", "seed": 7, "benchmarks": [benchmark]})
    small = {"suite": "small", "benchmarks": [{"group": "memory", "module": "stream", "cpus": "0", "deadline": "90s"}]}
    for name, configuration in configurations.items():
        put("configuration", name, configuration)
        put("study", name, {"study": "one", "suite": small, "rounds": 2, "seed": 1, "clocks": ["real-time"],
                            "baseline": configuration["configuration"], "configurations": [configuration]})
    put("configuration", "inline", {"configuration": "inline", "suite": small, "scratch": "/var/tmp",
                                    "peer": {"address": "198.51.100.7", "port": 7411},
                                    "destroys": "/dev/disk/by-id/x", "device": {"size": "1GiB", "holds": "ext4"}})
    put("study", "names", {"study": "names", "suite": "quick", "configurations": ["here", "qemu-tcg"]})
    for path in source.glob("runner/policies/*.json"):
        put("policy", path.stem, load(path))
    put("policy", "rules", {"schema": "vmsuite.policy/1", "fail_above": "5%", "equivalent_within": 0.02, "strict": True,
                            "rules": [{"resource": "network", "group": "tcp-*", "module": "tcp", "metric": "throughput",
                                       "fail_above": None, "reason": "noisy"}]})


def put_results():
    record = load(source / "tests/golden/record.json")
    put("record", "none", dict(record, cases=[]))
    header = {"schema": "vmsuite.journal/1", "run_id": record["run_id"], "configuration": "xen-hvm"}
    lines = []
    for case in record["cases"]:
        put("record", f"case-{case['case']}", {key: value for key, value in dict(record, cases=[case]).items()
                                             if key not in ("environment", "suite", "modules")})
        lines += [dict(trial, case=case["case"], case_facts=case["facts"]) for trial in case["trials"]]
    put("record", "environment", dict(record, cases=[]))
    for i, line in enumerate(lines):
        put("journal", f"line-{i}", header, line)
    put("journal", "status", header, {"case": 3, "case_status": "crashed", "reason": "signal 11"})
    put("journal", "whole", header, *lines)


def put_agent():
    """What an agent says of the golden record's trials, and the rest of its messages, each as a frame behind the byte that
    chooses the driver."""
    record = load(source / "tests/golden/record.json")
    machine = {"virtualization": "kvm", "container": "none", "evidence": [],
               "facts": [{"fact": "cpu.model", "value": "x", "status": "ok", "reason": None, "source": "/proc/cpuinfo"}]}
    messages = [{"type": "taken", "case": case["case"], "path": case["path"], "facts": case["facts"], "start_s": 0.5,
                 "trial": trial} for case in record["cases"] for trial in case["trials"][:3]]
    messages += [{"type": "hello", "version": "0.2.0", "protocol": 2},
                 {"type": "opened", "environment": machine, "facts_s": 0.1, "clock_cost_s": 1e-8, "boot": "b",
                  "cpu_group_id": "7", "mismatch": None, "warnings": ["w"],
                  "modules": [{key: module[key] for key in ("module", "workload_version", "path", "sha256", "shipped")}
                              for module in record["modules"]]},
                 {"type": "trouble", "case": 1, "status": "crashed", "reason": "r"}, {"type": "finished", "case": 1},
                 {"type": "closed", "environment": machine, "facts_s": 0.1, "changes": ["c"]},
                 {"type": "serving", "port": 7411, "hosts": ["127.0.0.1"]}, {"type": "error", "text": "t"}]
    (output / "agent").mkdir(exist_ok=True)
    for number, message in enumerate(messages):
        payload = json.dumps(message, separators=(",", ":")).encode()
        (output / "agent" / str(number)).write_bytes(b"\0" + struct.pack(">I", len(payload) + 1) + b"J" + payload)


def put_lines():
    """What a guest prints on its console, QEMU's monitor says, and Slurm's tools print."""
    console = ["vmsuite-init: ready", "vmsuite-init: up 1.25 s", "vmsuite-init: detected kvm", "listening on ", "vmsuite-init: measuring",
               "vmsuite-init: measured, exit status 3", "vmsuite-init: failed: no disk", "vmsuite-host: failed: xl create",
               "vmsuite-init: power off", "Kernel panic - not syncing: no init", "(XEN) Panic on CPU 0:", "KVM internal error. Suberror: 1",
               "Initramfs unpacking failed: write error", "System is deadlocked on memory"]
    stats = [{"stats": [{"name": "exits", "value": 12}, {"name": "mmio_exits", "value": 3}]}] * 2
    monitor = [{"event": "RTC_CHANGE", "data": {}}, {"return": stats}, {"return": {"status": "running"}},
               {"error": {"class": "GenericError", "desc": "no"}}]
    slurm = [b"\0n1\nlogin-2\n", b"\x011|PENDING|n1|Resources\n2|RUNNING|n2|None\n", b"\x0212;cluster\n"]
    for name, seeds in (("console", ["".join(f"{line}\r\n" for line in console).encode()]),
                        ("monitor", ["".join(json.dumps(line) + "\n" for line in monitor).encode()]), ("slurm", slurm)):
        (output / name).mkdir(exist_ok=True)
        for number, seed in enumerate(seeds):
            (output / name / str(number)).write_bytes(seed)
    (output / "console.dict").write_text("".join(f'"{line}"\n' for line in console))


def words_of(schema):
    if isinstance(schema, list):
        for value in schema:
            yield from words_of(value)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (word for word in schema.get("enum", []) + [schema.get("const")] if isinstance(word, str))
        for value in schema.values():
            yield from words_of(value)


def put_dictionary():
    words = {word for path in source.glob("results/schema/*.json") for word in words_of(load(path))}
    words |= {"null", "true", "1e308", "-1", "9223372036854775808", "10MiB", "5%", "\\u0000", "\\u202e", "]]>", "<!--"}
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in sorted(words))
    (output / "words.dict").write_text("".join(f'"{word}"\n' for word in escaped if word.isascii()))


output.mkdir(exist_ok=True)
put_shipped()
put_results()
put_agent()
put_lines()
put_dictionary()
