# SPDX-License-Identifier: GPL-3.0-or-later
"""A build with all that is optional left out: what it leaves out, and that the files that stand in compile.

usage: test_features.py SOURCE_FOLDER"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1]).resolve()
FEATURES = ("guests", "openblas", "postgresql", "sqlite", "uring")
# What stands in, and what has to do without.
COMPILED = ("runner/guest/no_guests.c", "runner/guest/driven/no_driven.c", "runner/guest/launchers/launcher.c",
            "results/history/database/no_sqlite.c", "results/history/database/no_postgresql.c",
            "modules/block/pass/engine_no_uring.c")


class Features(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.build = pathlib.Path(tempfile.mkdtemp(prefix="vmsuite-features-", dir="/var/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.build, True)
        cls.call("meson", "setup", cls.build, SOURCE, "--buildtype=plain", "-Dwerror=true",
                 *(f"-D{feature}=disabled" for feature in FEATURES))
        cls.targets = json.loads(cls.call("meson", "introspect", cls.build, "--targets"))
        cls.sources = {os.path.relpath(source, SOURCE) for target in cls.targets for part in target["target_sources"]
                       for source in part["sources"]}

    @classmethod
    def call(cls, *command):
        done = subprocess.run(command, cwd=SOURCE, env=dict(os.environ, CCACHE_NOHASHDIR="1"), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}"
        return done.stdout

    def test_every_option_is_left_out_here(self):
        options = json.loads(self.call("meson", "introspect", self.build, "--buildoptions"))
        own = {option["name"]: option["value"] for option in options if option["section"] == "user"}
        self.assertEqual(own, dict.fromkeys(FEATURES, "disabled") | {"fuzz": False, "tests": True})

    def test_what_only_they_need_is_not_there(self):
        names = {target["name"] for target in self.targets}
        self.assertFalse(names & {"vmsuite-init", "manual-guest", "test_handout", "plain-solve"}, names)
        self.assertIn("manual-run", names)
        left = sorted(source for source in self.sources if any(part in source for part in (
            "guest/launchers/launch_", "guest/exchange/", "cli/guest", "engine_sqlite", "database/sqlite_",
            "engine_postgresql", "database/postgresql_", "engine_uring")))
        self.assertEqual(left, [])

    def test_what_stands_in_compiles(self):
        self.assertEqual(set(COMPILED) - self.sources, set())
        commands = json.loads((self.build / "compile_commands.json").read_text())
        objects = [command["output"] for command in commands
                   if os.path.relpath(self.build / command["file"], SOURCE) in COMPILED]
        self.assertGreaterEqual(len(objects), len(COMPILED))
        self.call("ninja", "-C", self.build, *objects)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
