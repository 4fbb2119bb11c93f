#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a report of the three records with the CVs of the 2008 study, reads its tables back, and opens it in headless
Chromium where that is installed: every figure has to be drawn, without a word on the console.

usage: report.py SOURCE_FOLDER VMSUITE"""

import html.parser
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

source, program = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures = []


def check(condition, sentence):
    if not condition:
        failures.append(sentence)
        print("FAILED:", sentence)


class Page(html.parser.HTMLParser):
    """Collects tables by the section or figure that they stand in, specifications, and what a page could fetch."""

    def __init__(self):
        super().__init__()
        self.tables, self.specs, self.fetches, self.drawings = {}, {}, [], 0
        self.places, self.cell, self.row, self.script = [], None, None, None
        self.policy = ""

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        for name in ("src", "href", "action", "data"):
            if name in attributes and not attributes[name].startswith("#"):
                self.fetches.append(attributes[name])
        if tag in ("section", "figure"):
            self.places.append(attributes["id"])
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell = ""
        elif tag == "script" and "id" in attributes:
            self.script = attributes["id"]
        elif tag == "meta" and "http-equiv" in attributes:
            self.policy = attributes["content"]
        self.drawings += "data-figure" in attributes

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.row.append(self.cell)
            self.cell = None
        elif tag == "tr":
            self.tables.setdefault(self.places[-1], []).append(self.row)
        elif tag in ("section", "figure"):
            self.places.pop()
        elif tag == "script":
            self.script = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        if self.script:
            self.specs[self.script] = self.specs.get(self.script, "") + data


def check_table_1(page, study):
    """The largest CVs, as the study published them, to the three digits that are shown."""
    head, *rows = page.tables["variation"]
    check(head[1:] == ["native", "xen-pv", "xen-hvm"], f"Table 1 has the columns {head}")
    found = {row[0]: dict(zip(head[1:], row[1:])) for row in rows}
    for group, published in study.TABLE_1.items():
        name = f"memory {group}" if group in ("copy", "scale", "add", "triad") else group
        for configuration, cv in zip(study.CONFIGURATIONS, published):
            shown = found.get(name, {}).get(configuration)
            check(shown == f"{cv:.3g}", f"Table 1: {name}, {configuration}: {shown} instead of {cv:.3g}")
    check(len(rows) == len(study.TABLE_1), f"Table 1 has {len(rows)} rows")


def check_page(page, figures):
    check(page.drawings > 0 and page.drawings == len(page.specs), "a figure has no specification")
    check(not page.fetches, f"the page would fetch {page.fetches}")
    check("unsafe" not in page.policy and "default-src 'none'" in page.policy, f"the policy is {page.policy}")
    for name, text in page.specs.items():
        figure = name.removesuffix("-spec")
        spec = json.loads(text)
        rows = spec["data"][0]["values"]
        check(len(page.tables[figure]) == len(rows) + 1, f"{figure}: the table differs from the figure")
        written = json.loads((figures / f"{figure}.vg.json").read_text())
        written.pop("title")
        check(written == spec, f"{figure}: --figures differs from the page")
    for figure in ("tcp-small", "tcp-medium", "tcp-large", "udp-small", "udp-medium"):
        check(f"group-{figure}-throughput-spec" in page.specs, f"the rate of {figure} by size is missing")
    for resource in ("network", "memory", "disk", "cpu"):
        check(f"overhead-{resource}-spec" in page.specs, f"the cost on {resource} is missing")
    verdicts = [row for row in page.tables["answer"] if len(row) == 7]
    hvm = [row for row in verdicts if row[0].startswith("tcp-large") and row[2] == "xen-hvm"]
    check(hvm and all(row[6] == "slower" for row in hvm), f"the answer on xen-hvm is {hvm}")
    for figure in ("group-memory-triad", "group-disk-write", "group-disk-write-time", "group-cpu-solve"):
        check(f"{figure}-spec" in page.specs, f"{figure} is missing")


def check_drawn(browser, report, n_figures, folder):
    result = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000", "--enable-logging=stderr",
         "--window-size=360,800", "--dump-dom", report.as_uri()],
        capture_output=True, text=True, timeout=100, check=False)
    drawn = result.stdout.count('data-drawn="true"')
    check(drawn == n_figures, f"{drawn} of {n_figures} figures were drawn")
    check(result.stdout.count("<svg") >= n_figures, "a drawing has no SVG")
    for line in result.stderr.splitlines():
        check("CONSOLE" not in line, f"the console says: {line}")


def run(*arguments):
    result = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    check(result.returncode == 0, f"vmsuite {arguments[0]} exits {result.returncode}: {result.stderr}")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    maker = source / "tests/fixtures/make_santos.py"
    spec = importlib.util.spec_from_file_location("make_santos", maker)
    study = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(study)
    study.main(folder / "records")
    records = [folder / "records" / f"{name}.json" for name in ("native", "xen-pv", "xen-hvm")]
    run("report", *records, "-o", folder / "report.html", "--figures", folder / "figures")
    page = Page()
    page.feed((folder / "report.html").read_text(encoding="utf-8"))
    check_table_1(page, study)
    check_page(page, folder / "figures")
    browser = shutil.which("chromium")
    if browser:
        check_drawn(browser, folder / "report.html", page.drawings, folder)
    else:
        print("not looked at: chromium is not installed")
print(f"{page.drawings} figures" if not failures else f"{len(failures)} failed")
sys.exit(1 if failures else 0)
