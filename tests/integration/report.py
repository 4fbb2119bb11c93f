#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a report of the three records with the CVs of the 2008 study, reads its tables back, and opens it in headless
Chromium where that is installed: every figure must be drawn, without a word on the console.

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
    verdicts = [row for row in page.tables["answer"] if len(row) == 6]
    hvm = [row for row in verdicts if row[0].startswith("tcp-large") and row[2] == "xen-hvm"]
    check(hvm and all("slower" in row[5] for row in hvm), f"the answer on xen-hvm is {hvm}")
    for figure in ("group-memory-triad", "group-disk-write", "group-disk-write-time", "group-cpu-solve"):
        check(f"{figure}-spec" in page.specs, f"{figure} is missing")


def disturb(record):
    """Counters and clocks such as a shared machine shows: every third trial is flagged."""
    number = 0
    for case in record["cases"]:
        for trial in case["trials"]:
            number += 1
            struck = number % 3 == 0
            trial["flags"] = ["steal", "cpu-stall"] if struck else []
            trial["noise"] = {"steal": 0.04 * struck, "other_load": 0.002, "involuntary_switches": 3.0,
                              "major_faults": 0.0, "stall_cpu": 0.1 * struck, "stall_memory": 0.0, "stall_io": 0.3,
                              "frequency_change": None, "throttles": None}
            trial["clock"] = {"exchanges": 16, "delay_s": 1e-5, "offset_s": 0.0, "offset_bound_s": 5e-6,
                              "rate_ppm": -20.0, "rate_bound_ppm": 50.0, "step_s": 0.0}
    return number


def check_conditions(page, n_trials):
    """What disturbed the trials: a table of flags, a figure for each share above 1%, the clock with its bounds."""
    rows = {row[0]: row[1] for row in page.tables["noise"]}
    check(rows == {"flag": "native", "steal": str(n_trials // 3), "cpu-stall": str(n_trials // 3),
                   "any": f"{n_trials // 3} of {n_trials}"}, f"the table of flags is {rows}")
    for figure in ("noise-steal", "noise-stall-cpu", "noise-stall-io", "clock-rate"):
        check(len(page.tables.get(figure, [])) == n_trials + 1, f"{figure} is missing, or not whole")
    check("noise-other-load-spec" not in page.specs, "a share that never was above 1% has a figure")
    bounds = json.loads(page.specs.get("clock-rate-spec", '{"data": [{"values": [{}]}]}'))["data"][0]["values"][0]
    check((bounds.get("low"), bounds.get("high")) == (-70, 30), f"the clock's bounds are {bounds}")


def requests_of(log):
    """What a page of a file asked for, by the browser's own log; the browser's requests for itself are not in it."""
    return [event["params"]["url"] for event in json.loads(log.read_text())["events"]
            if event.get("params", {}).get("network_isolation_key", "").startswith("file://")
            and not event["params"].get("url", "file:").startswith(("file:", "data:"))]


def browse(browser, page, folder):
    """The page as it stands after its scripts ran, what the console said, and what it asked for. The proxy is nobody:
    nothing leaves this machine, whatever page or browser want."""
    log = folder / "network.json"
    result = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000", "--enable-logging=stderr",
         "--proxy-server=127.0.0.1:9", f"--log-net-log={log}", "--window-size=360,800", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=100, check=False)
    console = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    return result.stdout, console, requests_of(log)


def check_drawn(browser, report, n_figures, folder):
    text, console, requests = browse(browser, report, folder)
    drawn = text.count('data-drawn="true"')
    check(drawn == n_figures, f"{drawn} of {n_figures} figures were drawn")
    check(text.count("<svg") >= n_figures, "a drawing has no SVG")
    check(not console, f"the console says: {console}")
    check(not requests, f"the page asked for {requests}")


def check_browser(browser, folder):
    """A page that does ask, so that the checks above are known to see it."""
    (folder / "asks.html").write_text('<img src="http://192.0.2.7/x.png"><script>none()</script>')
    _, console, requests = browse(browser, folder / "asks.html", folder)
    check(set(requests) == {"http://192.0.2.7/x.png"} and console, f"a page that asks: {requests}, {console}")


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
    disturbed = json.loads(records[0].read_text())
    n_trials = disturb(disturbed)
    (folder / "disturbed.json").write_text(json.dumps(disturbed))
    run("report", folder / "disturbed.json", "-o", folder / "disturbed.html")
    noisy = Page()
    noisy.feed((folder / "disturbed.html").read_text(encoding="utf-8"))
    check_conditions(noisy, n_trials)
    browser = shutil.which("chromium")
    if browser:
        check_browser(browser, folder)
        check_drawn(browser, folder / "report.html", page.drawings, folder)
        check_drawn(browser, folder / "disturbed.html", noisy.drawings, folder)
    else:
        print("not looked at: chromium is not installed")
print(f"{page.drawings} figures" if not failures else f"{len(failures)} failed")
sys.exit(1 if failures else 0)
