#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network modules beside iperf3, qperf and sockperf over loopback, in turn (see paired.py).

    net.py [--pairs N] [--seconds S] [--cpus LOCAL,PEER] [--at-least R] DRIVE CASE...

Both ends of both sides are bound to the same two processors, as request-response depends on placement. CASE is
one of those in make_cases() below, "tcp-requests" or "udp-requests" for all such, or "all". Exit status 1: a ratio is below R; 77: the other program is not installed.
"""
import argparse
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time

import paired

# A new port each time: connections of the last run may linger on its port, which not every program reuses.
ports = itertools.count(20000 + os.getpid() % 10000)


def wait_for_port(port):
    """Until some socket listens on, or is bound to, `port`."""
    marks = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for table, state in marks.items():
            with open(f"/proc/net/{table}", encoding="ascii") as lines:
                for words in (line.split() for line in lines):
                    if words[1].endswith(f":{port:04X}") and words[3] == state:
                        return
        time.sleep(0.01)
    raise ValueError(f"nothing listens on port {port}")


def run_pair(server, client, cpus, port):
    """What the client prints, with the server running beside it."""
    local, peer = cpus
    with subprocess.Popen(["taskset", "-c", peer] + server, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            return subprocess.run(["taskset", "-c", local] + client, stdout=subprocess.PIPE, text=True,
                                  timeout=60, check=True).stdout
        finally:
            process.terminate()


def ours(options, module, *params):
    """The module's figures by `drive`."""
    local, peer = options.cpus
    return lambda: paired.run([options.drive, module, "1", f"seconds={options.seconds}", f"cpus={local}",
                               f"peer_cpus={peer}", *params])


def cpu_per_gigabyte(percent, seconds, bits_per_second):
    return percent / 100 * seconds / (bits_per_second * seconds / 8e9)


def iperf3(options, *arguments):
    """iperf3's figures under our names."""
    def side():
        port = next(ports)
        text = run_pair(["iperf3", "-s", "-1", "-p", str(port)],
                        ["iperf3", "-c", "127.0.0.1", "-p", str(port), "-J", "-t", str(options.seconds), *arguments],
                        options.cpus, port)
        end = json.loads(text)["end"]
        usage = end["cpu_utilization_percent"]
        if "-u" in arguments:
            total = end["sum"]
            packets = (total["packets"] - total["lost_packets"]) / total["seconds"]
            size = int(arguments[arguments.index("-l") + 1])
            goodput, seconds = packets * size * 8, total["seconds"]
            figures = {"packets": packets}
        else:
            goodput, seconds = end["sum_received"]["bits_per_second"], end["sum_received"]["seconds"]
            figures = {"goodput": goodput}
        figures["sender_cpu_per_gigabyte"] = cpu_per_gigabyte(usage["host_total"], seconds, goodput)
        figures["receiver_cpu_per_gigabyte"] = cpu_per_gigabyte(usage["remote_total"], seconds, goodput)
        return figures
    return side


def qperf(options, test, size):
    """Transactions per second from qperf's latency, which is half a round trip."""
    def side():
        port = next(ports)
        text = run_pair(["qperf", "-lp", str(port)],
                        ["qperf", "127.0.0.1", "-lp", str(port), "-t", str(options.seconds), "-m", str(size), "-e",
                         "6", test], options.cpus, port)
        value, unit = re.search(r"latency\s+=\s+([\d.]+) (\w+)", text).groups()
        return {"transactions": 1 / (2 * float(value) * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "sec": 1}[unit])}
    return side


def sockperf(options, protocol, size):
    """Transactions per second from sockperf's ping-pong."""
    def side():
        port = next(ports)
        tcp = ["--tcp"] if protocol == "tcp" else []
        text = run_pair(["sockperf", "sr", "-i", "127.0.0.1", "-p", str(port), *tcp],
                        ["sockperf", "pp", "-i", "127.0.0.1", "-p", str(port), "-t", str(options.seconds), "-m",
                         str(size), *tcp], options.cpus, port)
        found = re.search(r"\[Valid Duration\] RunTime=([\d.]+) sec; SentMessages=\d+; ReceivedMessages=(\d+)", text)
        if not found:
            raise ValueError(f"sockperf gave no figures: {text.strip()[-200:]}")
        return {"transactions": int(found.group(2)) / float(found.group(1))}
    return side


def request(options, module, size):
    return ours(options, module, "mode=request-response", f"message_size={size}")


def make_cases(options):
    """{name: (the other program, our side, its side)}"""
    o = options
    cases = {
        "tcp-stream-1": ("iperf3", ours(o, "tcp"), iperf3(o)),
        "tcp-stream-4": ("iperf3", ours(o, "tcp", "streams=4"), iperf3(o, "-P", "4")),
    }
    for size in (64, 1472):
        theirs = iperf3(o, "-u", "-b", "0", "-l", str(size))
        cases[f"udp-packets-{size}"] = ("iperf3", ours(o, "udp", f"datagram_size={size}"), theirs)
        cases[f"udp-packets-{size}-no-offload"] = (
            "iperf3", ours(o, "udp", f"datagram_size={size}", "offload=false"), theirs)
    for module in ("tcp", "udp"):
        for size in (1, 64, 1024):
            cases[f"{module}-request-{size}-qperf"] = (
                "qperf", request(o, module, size), qperf(o, f"{module}_lat", size))
        for size in (14, 64, 1024):  # sockperf's smallest message has 14 bytes
            cases[f"{module}-request-{size}-sockperf"] = (
                "sockperf", request(o, module, size), sockperf(o, module, size))
    return cases


def chosen(words, cases):
    """The names of the cases that were asked for."""
    for word in words:
        beginning = {"all": "", "tcp-requests": "tcp-request-", "udp-requests": "udp-request-"}.get(word)
        if beginning is None:
            yield word
        else:
            yield from (name for name in cases if name.startswith(beginning))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n", 2)[1].strip())
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--cpus", type=lambda text: text.split(","), default=["0", "1"])
    parser.add_argument("--at-least", type=float, default=0.0)
    parser.add_argument("drive")
    parser.add_argument("case", nargs="+")
    options = parser.parse_args()
    cases = make_cases(options)
    rows = []
    for name in chosen(options.case, cases):
        program, our_side, their_side = cases[name]
        if not shutil.which(program):
            print(f"net.py: {program} is not installed", file=sys.stderr)
            return 77
        try:
            new = paired.compare(name, our_side, their_side, options.pairs)
        except (subprocess.SubprocessError, ValueError) as problem:
            print(f"net.py: {name}: {problem}", file=sys.stderr)
            return 2
        for row in new:
            row.better = "lower" if "cpu" in row.name else "higher"
            row.name = row.name.replace("_per_gigabyte", "")
        paired.show(new)
        rows += new
    lowest = min(paired.statistics.median(row.ratios()) for row in rows)
    return 1 if lowest < options.at_least else 0


if __name__ == "__main__":
    sys.exit(main())
