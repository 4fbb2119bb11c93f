# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the sources beside its build, in which changes are made and tests run."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import time

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"
SKIP = 77  # how a test ends that found nothing of what it needs
UNKNOWN_SECONDS = 600  # for a test of which no run says how long it takes: beside a load ten times what it takes alone
HELD_SECONDS = 20  # that a second takes only where everything is stopped
CASES = pathlib.Path(__file__).resolve().parent / "cases"
SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent


# A fault may make a test, or what it tests, remove what is not its own: as root, all but the copy, a /tmp and a /var/tmp
# within it, and what is no file (/proc, /run) can only be read there.
CONFINED = """mkdir -p -m 1777 "$1/tmp" /run/vmsuite-mutation && mount --bind "$1" /run/vmsuite-mutation &&
mount --bind "$1/tmp" /tmp && mount --bind "$1/tmp" /var/tmp && mkdir -p "$1" && mount --bind /run/vmsuite-mutation "$1" &&
mount -o remount,bind,ro / && shift && exec "$@\""""


def confined(folder, command):
    if os.geteuid() != 0:
        return command
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", CONFINED, "sh", str(folder), *command]


def is_same(a, b):
    """Whether two files, or links, hold the same."""
    if a.is_symlink() or b.is_symlink():
        return a.is_symlink() and b.is_symlink() and a.readlink() == b.readlink()
    return b.is_file() and a.read_bytes() == b.read_bytes()


def wait(process, seconds):
    """(exit status or None, whether this program was stopped meanwhile: SIGSTOP, a suspended machine)"""
    is_held = False
    for _ in range(round(seconds)):
        begin = time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(1), is_held
        is_held |= time.monotonic() - begin > HELD_SECONDS
    return None, is_held


class Copy:
    """The sources beside their build, which is quick rather than small: not optimised, linked by mold if it is there."""

    def __init__(self, folder, seconds):
        self.seconds = seconds  # that tests took; all copies share it
        self.building = 0  # seconds that builds took
        self.tree, self.build = folder / "tree", folder / "build"
        self.refresh()
        if not (self.build / "build.ninja").exists():
            linker = {"CC_LD": "mold"} if shutil.which("mold") else {}
            subprocess.run(["meson", "setup", self.build, self.tree, "-Dwerror=false", "-Dbuildtype=plain"],
                           check=True, stdout=subprocess.DEVNULL, env={**os.environ, **linker})
        subprocess.run(["ninja", "-C", self.build, "build.ninja"], check=True, stdout=subprocess.DEVNULL)
        self.read_tests()

    def refresh(self):
        """Copies what differs, so that the rest needs no new build."""
        names = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                               check=True, capture_output=True).stdout.decode().split("\0")
        names = {name for name in names if name and os.path.lexists(SOURCE / name)}
        for name in names:
            there, here = SOURCE / name, self.tree / name
            if not is_same(there, here):
                here.parent.mkdir(parents=True, exist_ok=True)
                here.unlink(missing_ok=True)
                shutil.copy(there, here, follow_symlinks=False)
        for here in [path for path in self.tree.rglob("*") if path.is_symlink() or path.is_file()]:
            if str(here.relative_to(self.tree)) not in names:
                here.unlink()

    def introspect(self, what):
        out = subprocess.run(["meson", "introspect", what, self.build], check=True, capture_output=True).stdout
        return json.loads(out)

    def read_tests(self):
        targets = {target["id"]: target["filename"] for target in self.introspect("--targets")}
        self.tests = {}
        for test in self.introspect("--tests"):
            test["targets"] = [os.path.relpath(file, self.build) for one in test["depends"] for file in targets[one]]
            for suite in test["suite"]:
                self.tests[f"{suite.split(':')[-1]}/{test['name']}"] = test

    def compile(self, names):
        """Builds what tests need; returns the end of the compiler's words where it failed."""
        wanted = sorted({target for name in names for target in self.tests[name]["targets"]})
        begin = time.monotonic()
        built = subprocess.run(["ninja", "-j1", "-C", self.build, *wanted], capture_output=True, text=True)
        self.building += time.monotonic() - begin
        return built.stdout[-1500:] if built.returncode != 0 else None

    def run(self, name, cases=(), **more):
        """What became of a test, or of some of its cases, and the first case that failed, if it says so; a test that takes
        much longer than it did before hangs, and failed."""
        while True:
            begin = time.monotonic()
            status, is_held, told = self.run_once(name, cases, more)
            if not is_held:  # its own patience may have ended meanwhile
                break
        if status == 0 and not any(cases):
            self.seconds[name] = max(self.seconds.get(name, 0), time.monotonic() - begin)
        return {0: PASSED, SKIP: SKIPPED}.get(status, FAILED), told

    def run_once(self, name, cases, more):
        """(exit status or None, whether all was stopped meanwhile, the first case that failed)"""
        test, failed = self.tests[name], self.build.parent / "failed"
        failed.unlink(missing_ok=True)
        environment = {**os.environ, **test["env"], "VMSUITE_FAIL_FAST": "1", "TMPDIR": "/tmp", "XDG_CACHE_HOME": "/tmp/cache",
                       "PYTHONPATH": str(CASES), "VMSUITE_MUTATION_FAILED": str(failed),
                       "VMSUITE_MUTATION_CASES": ",".join(cases), **more}
        process = subprocess.Popen(confined(self.tree.parent, test["cmd"]), env=environment, cwd=test["workdir"] or self.build,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        status, is_held = wait(process, 15 + 10 * self.seconds[name] if name in self.seconds else UNKNOWN_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)  # what it has left, too
        process.wait()
        return status, is_held, failed.read_text().split("\n")[0] if failed.exists() else ""
