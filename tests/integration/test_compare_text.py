# SPDX-License-Identifier: GPL-3.0-or-later
"""What compare prints of fixed records is held by the texts of tests/golden, and fits the terminal that it goes to.

A change of the texts that is meant: VMSUITE_RENEW_GOLDEN=1 meson test -C build compare_text, and a look at the
difference in Git."""
import csv
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import uuid

from harness import PROGRAM, SOURCE, Case, main

sys.path.insert(0, str(SOURCE / "tests" / "fixtures"))
import make_boots  # noqa: E402

GOLDEN = SOURCE / "tests" / "golden"
RENEW = "VMSUITE_RENEW_GOLDEN" in os.environ
LABELS = ["native-on-a-machine-with-a-long-name", "xen-paravirtual-4-vcpus-8-gib-numa-0", "xen-hvm-with-virtual-devices",
          "kvm-with-huge-pages-and-pinned-vcpus", "qemu-tcg-of-the-distribution", "firecracker-on-a-rented-machine"]


class Texts(Case):
    def setUp(self):
        super().setUp()
        make_boots.main(self.folder)

    def boots(self, *configurations):
        return [f"{name}-{boot}.json" for name in configurations for boot in "123"]

    def hold(self, name, text):
        if RENEW:
            (GOLDEN / name).write_text(text, encoding="utf-8")
        self.assertEqual(text, (GOLDEN / name).read_text(encoding="utf-8"),
                         f"tests/golden/{name}; the head of this test says how it is renewed")

    def test_golden_texts(self):
        two, three = self.boots("native", "xen-hvm"), self.boots("native", "xen-pv", "xen-hvm")
        for name, arguments in (("compare_two.txt", two), ("compare_three.txt", three),
                                ("compare_details.txt", (*two, "--details")),
                                ("compare_gate.txt", (*two, "--fail-above", "5%")),
                                ("compare.md", (*three, "--format", "markdown")),
                                ("compare_single.txt", ("native-1.json", "xen-pv-1.json"))):
            status = 1 if "--fail-above" in arguments else 0
            self.hold(name, self.run_program("compare", *arguments, status=status)[0])

    def test_a_difference_is_named_once(self):
        for name in self.boots("xen-pv", "xen-hvm"):
            path = self.folder / name
            record = json.loads(path.read_text(encoding="utf-8"))
            for fact in record["environment"]["before"]["facts"]:
                if fact["fact"] == "kernel.release":
                    fact["value"] = "6.6.6"
            path.write_text(json.dumps(record), encoding="utf-8")
        out = self.run_program("compare", *self.boots("native", "xen-pv", "xen-hvm"), "--allow-different")[0]
        named = out.split("Other differences, ")[1].split("\n\n")[0]
        self.assertEqual(named.count("kernel.release"), 1, out)

    def assert_calculated(self, first, second, words):
        """The loss in words is that of the two figures beside it, as far as their digits say it."""
        def value(text):
            number, unit = re.fullmatch(r"([\d.]+) ?(\S*)", text).groups()
            prefix = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(unit[:1], 1)
            return float(number) * prefix, 0.5 * prefix / 10 ** len(number.partition(".")[2])

        (a, off_a), (b, off_b) = value(first), value(second)
        off = (off_a / a + off_b / b) * 1.01
        if match := re.match(r"([\d.]+)% (slower|faster)", words):
            loss, digits = float(match[1]) / 100, 0.5 / 100 / 10 ** len(match[1].partition(".")[2])
            self.assertAlmostEqual(1 - b / a, loss if match[2] == "slower" else -loss, delta=off + digits, msg=words)
        elif match := re.match(r"([\d.]+)x slower", words):
            digits = 0.5 / 10 ** len(match[1].partition(".")[2])
            self.assertAlmostEqual(a / b, float(match[1]), delta=off * a / b + digits, msg=words)
        else:
            self.assertRegex(words, "equal within|undecided|unconfirmed|at least", words)
            return 0
        return 1

    def test_a_pocket_calculator_agrees(self):
        # All of its rates are better when higher.
        records = self.boots("native", "xen-hvm")
        figure = r"([\d.]+ [kMGT]?\S+)"
        for view, row in ((("--details",), rf"^  \S.*? +{figure} +{figure}  (\S.*)$"),
                          (("--format", "markdown", "--details"), rf"^\|.*\| {figure} \| {figure} \| ([^|]*)")):
            text = self.run_program("compare", *records, *view)[0]
            text = re.sub(r"\\(.)", r"\1", text) if "markdown" in view else text
            told = sum(self.assert_calculated(*match) for match in re.findall(row, text, re.M))
            self.assertGreater(told, 20, text)
        rows = list(csv.DictReader(self.run_program("compare", *records, "--format", "csv")[0].splitlines()))
        for row in rows:
            ratio = float(row["other_value"]) / float(row["baseline_value"])
            self.assertAlmostEqual(float(row["loss"]), 1 - ratio if row["better"] == "higher" else ratio - 1, delta=1e-9)
        self.assertGreater(len(rows), 20)

    def long_records(self, n):
        """Three boots of `n` configurations with long names: those of make_boots, again and again."""
        sources, paths = ("native", "xen-pv", "xen-hvm"), []
        for i, label in enumerate(LABELS[:n]):
            for boot in "123":
                record = json.loads((self.folder / f"{sources[i % 3]}-{boot}.json").read_text())
                record.update(configuration=label, configuration_given={"configuration": label},
                              run_id=str(uuid.UUID(int=(100 + i) << 96 | int(boot) << 88 | 4 << 76 | 8 << 60)))
                paths.append(self.write(f"long-{i}-{boot}.json", record).name)
        return paths

    def on_terminal(self, columns, *arguments):
        """What a terminal of so many columns is sent."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = {name: value for name, value in self.environment.items() if name not in ("COLUMNS", "NO_COLOR")}
        environment.setdefault("TERM", "xterm")
        process = subprocess.Popen([PROGRAM, "compare", *arguments], stdout=slave, stderr=subprocess.PIPE,
                                   cwd=self.folder, env=environment)
        os.close(slave)
        chunks = []
        try:
            while chunk := os.read(master, 65536):
                chunks.append(chunk)
        except OSError: # the other end is closed
            pass
        os.close(master)
        error = process.communicate()[1]
        self.assertEqual(process.returncode, 0, error)
        return b"".join(chunks).decode().replace("\r\n", "\n")

    def test_every_line_fits(self):
        for n in range(2, 7):
            paths = self.long_records(n)
            comparison = json.loads(self.run_program("compare", *paths, "--format", "json")[0])
            for columns in (200, 80, 60):
                text = self.on_terminal(columns, *paths)
                self.assertIn("\033[", text)
                plain = re.sub(r"\033\[[0-9;]*m", "", text)
                for line in plain.splitlines():
                    self.assertLessEqual(len(line), min(columns, 80), f"{n} configurations, {columns} columns: {line}")
                flat = " ".join(plain.split())
                for answer in comparison["answers"]: # no figure is cut
                    self.assertIn(" ".join(re.split(r" [±\[]", answer["words"])[0].split()), flat)
            self.assertEqual(self.run_program("compare", *paths)[0], re.sub(
                r"\033\[[0-9;]*m", "", self.on_terminal(80, *paths)))

    def test_long_words_fit(self):
        paths = []
        for boot, divisor in zip("123", (1000, 1400, 1900)):
            record = json.loads((self.folder / f"xen-hvm-{boot}.json").read_text())
            for metric in (metric for case in record["cases"] for trial in case["trials"] for metric in trial["metrics"]):
                metric["value"] /= divisor
            paths.append(self.write(f"slow-{boot}.json", record).name)
        for columns in (80, 60):
            text = re.sub(r"\033\[[0-9;]*m", "", self.on_terminal(columns, *self.boots("native"), *paths))
            self.assertRegex(text, r"  at least \d+00x slower\n")
            for line in text.splitlines():
                self.assertLessEqual(len(line), columns, line)

    def test_no_colour_where_none_is_wanted(self):
        boots = self.boots("native", "xen-hvm")
        self.environment["TERM"] = "xterm"
        self.assertIn("\033", self.on_terminal(80, *boots))
        for kind in ("dumb", ""):
            self.environment["TERM"] = kind
            self.assertNotIn("\033", self.on_terminal(80, *boots))
        self.environment["NO_COLOR"] = "1"
        self.assertNotIn("\033", self.run_program("compare", *boots)[0])


if __name__ == "__main__":
    main()
