# SPDX-License-Identifier: GPL-3.0-or-later
"""The script `release`, in a copy of this tree that has a version of its own."""
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import unittest

from harness import SOURCE, Case, main

VERSION, DATE = "9.8.7", "2031-02-03"
# The files that name the version, and what it looks like there.
PLACES = {
    "meson.build": (r"(?<=version: ')[\d.]+(?=',)", VERSION),
    "CITATION.cff": (r"(?<=\nversion: )[\d.]+", VERSION),
    "debian/changelog": (r"(?<=\()[\d.]+(?=\))", VERSION),
    "vmsuite.spec": (r"(?<=\nVersion:        )[\d.]+", VERSION),
    "CHANGELOG.md": (r"(?<=\n## ).*", f"{VERSION}, {DATE}"),
}


class Release(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("git"):
            raise unittest.SkipTest("skipped: there is no git")
        self.tree = self.folder / "tree"
        for name in ("release", *PLACES):
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / name, self.tree / name)
        for name, (pattern, text) in PLACES.items():
            self.change(name, pattern, text)
        self.change("CITATION.cff", r"(?<=date-released: ).*", DATE)
        self.git("init", "-q")
        self.commit()

    def change(self, name, pattern, text):
        path = self.tree / name
        changed, times = re.subn(pattern, text, path.read_text(encoding="utf-8"), count=1)
        self.assertEqual(times, 1, name)
        path.write_text(changed, encoding="utf-8")

    def git(self, *words):
        names = {f"GIT_{role}_{key}": "t@t.invalid" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
        return subprocess.run(["git", *words], cwd=self.tree, env=os.environ | names, check=True, text=True,
                              capture_output=True).stdout

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "A state")

    def release(self, *words, status=0):
        names = {"GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t.invalid"}
        done = subprocess.run([self.tree / "release", *words], env=os.environ | names, text=True, capture_output=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def test_a_release(self):
        self.release(VERSION, "--sources", str(self.folder / "out"))
        packed = self.folder / "out" / f"vmsuite-{VERSION}.tar.xz"
        with tarfile.open(packed) as archive:
            names = set(archive.getnames())
        self.assertLessEqual({f"vmsuite-{VERSION}/{name}" for name in self.git("ls-files").split()}, names)
        digest = hashlib.sha256(packed.read_bytes()).hexdigest()
        self.assertEqual((self.folder / "out" / "SHA256SUMS").read_text(), f"{digest}  {packed.name}\n")
        self.assertEqual(self.git("rev-parse", f"v{VERSION}^{{commit}}"), self.git("rev-parse", "HEAD"))
        self.assertIn("the tag", self.release(VERSION, status=2))

    def test_a_dry_run_writes_nothing(self):
        said = self.release(VERSION, "--dry-run")
        self.assertIn(f"release-{VERSION}/vmsuite-{VERSION}.tar.xz", said)
        self.assertIn(f"release-{VERSION}/vmsuite-{VERSION}-{os.uname().machine}.tar.xz", said)
        self.assertEqual((self.git("tag"), self.git("status", "--porcelain")), ("", ""))

    def test_what_is_not_ready_is_refused(self):
        for name, (pattern, _) in PLACES.items():
            with self.subTest(file=name):
                self.change(name, pattern, "1.0.0")
                self.commit()
                self.assertIn(f"{name} says 1.0.0, not {VERSION}", self.release(VERSION, "--dry-run", status=2))
                self.git("reset", "-q", "--hard", "HEAD~1")
        self.change("CITATION.cff", r"(?<=date-released: ).*", "2031-02-04")
        self.assertIn("2031-02-04", self.release(VERSION, "--dry-run", status=2))
        self.git("checkout", "-q", ".")
        (self.tree / "stray").touch()
        self.assertIn("not committed", self.release(VERSION, "--dry-run", status=2))
        (self.tree / "stray").unlink()
        (self.folder / "there").touch()
        self.assertIn("there already", self.release(VERSION, str(self.folder / "there"), status=2))
        self.assertIn("unknown option --dry", self.release(VERSION, "--dry", status=2))
        for wrong in ("", "1.2", "v1.2.3", "1.2.3-rc1", "--dry-run"):
            self.assertIn("usage", self.release(wrong, status=2))


if __name__ == "__main__":
    main()
