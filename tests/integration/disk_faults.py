#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk errors in the middle of a run: the trials fail with their reason, nothing is left, the next case runs.

usage: disk_faults.py VMSUITE FAKE_DISK_LIBRARY
The first case writes 2,048 blocks and meets the fault at the 1,500th, the second writes 256 and does not.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

SUITE = {
    "suite": "disk-faults",
    "description": "One case that meets the fault, one that does not.",
    "trials": 1,
    "warmup": 0,
    "order": "sequential",
    "benchmarks": [
        {"group": "struck", "module": "block", "params": {"block_size": "512B", "file_size": "1MiB"}},
        {"group": "spared", "module": "block", "params": {"block_size": "4KiB", "file_size": "1MiB"}},
    ],
}
FAULTS = {
    "eio": "the device reported an error",
    "enospc": "the disk is full",
    "edquot": "the disk quota is used up",
    "damage": "is damaged: the checksum of the sector at byte ",
}


def run(vmsuite, library, fault, folder):
    suite = os.path.join(folder, "suite.json")
    output = os.path.join(folder, "output")
    with open(suite, "w") as file:
        json.dump(SUITE, file)
    environment = {**os.environ, "LD_PRELOAD": library, "VMSUITE_FAKE_DISK": f"{fault}:1500"}
    environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    done = subprocess.run([vmsuite, "run", "--suite", suite, "--output", output, "--quiet"], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 1, f"{fault}: exit status {done.returncode}\n{done.stdout}"
    records = glob.glob(f"{output}/*.json")
    assert len(records) == 1, f"{fault}: {records}"
    left = [name for name in os.listdir(output) if os.path.join(output, name) not in records]
    assert not left, f"{fault}: {left} is left"
    with open(records[0]) as file:
        return json.load(file)


def main():
    vmsuite, library = sys.argv[1:]
    for fault, words in FAULTS.items():
        with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="vmsuite-faults-") as folder:
            struck, spared = run(vmsuite, library, fault, folder)["cases"]
        trial = struck["trials"][0]
        assert trial["status"] == "failed" and words in trial["reason"], f"{fault}: {trial}"
        assert not trial["metrics"], f"{fault}: a failed trial has figures"
        assert spared["status"] == "ok", f"{fault}: {spared['reason']}"
        print(f"{fault}: {trial['reason']}")


if __name__ == "__main__":
    sys.exit(main())
