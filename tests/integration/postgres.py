# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server of a test's own: as the user postgres, in a private folder, with a socket and no port."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time
import unittest


def find_programs():
    """The newest version's folder of programs, or a skip that says what is missing."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not folders or not (folders[-1] / "initdb").exists():
        raise unittest.SkipTest("skipped: there is no PostgreSQL server (Debian's package postgresql)")
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise unittest.SkipTest("skipped: there is no user postgres")
    if os.geteuid() != 0:
        raise unittest.SkipTest("skipped: only root can start PostgreSQL as its own user")
    return folders[-1]


class Server:
    def __init__(self):
        self.programs = find_programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vmsuite-pg-", dir="/var/tmp"))
        shutil.chown(self.folder, "postgres")
        try:
            self.execute("initdb", "-D", self.folder / "data", "-A", "trust", "-N", "--locale=C.UTF-8")
            self.control("start", "-w", "-l", self.folder / "log",
                         "-o", f"-c listen_addresses='' -k {self.folder} -c fsync=off")
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def execute(self, program, *arguments):
        subprocess.run(["runuser", "-u", "postgres", "--", self.programs / program, *arguments], check=True,
                       cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=300)

    def control(self, *arguments):
        self.execute("pg_ctl", "-D", self.folder / "data", *arguments)

    def database(self, name):
        """A new, empty one: its address."""
        self.execute("psql", "-qh", self.folder, "-c", f"CREATE DATABASE {name}")
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def ask(self, database, statement):
        """The first column of the rows, as text."""
        done = subprocess.run(["runuser", "-u", "postgres", "--", self.programs / "psql", "-qAth", self.folder, database, "-c",
                               statement], check=True, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=300)
        return done.stdout.splitlines()

    def quiet(self, database):
        """Waits until no other session is in it: a killed program's ends when the server sees that."""
        end = time.monotonic() + 60
        while self.ask("postgres", f"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{database}'") != ["0"]:
            assert time.monotonic() < end, "a session does not end"
            time.sleep(0.02)

    def stop(self):
        try:
            self.control("stop", "-m", "immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
