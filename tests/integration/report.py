#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a report of the three records with the CVs of the 2008 study, reads its tables back, and opens it in headless
Chromium where that is installed: every figure must be drawn, without a word on the console.

usage: report.py SOURCE_FOLDER VMSUITE"""

import html
import html.parser
import importlib.util
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import uuid

from pages import faults_of

source, program = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures = []


def check(condition, sentence):
    if not condition:
        failures.append(sentence)
        print("FAILED:", sentence)


LINES = ("h1", "h2", "h3", "p", "tr", "li", "div", "figcaption", "summary", "dt", "dd", "section", "figure")
SILENT = ("script", "style", "title", "details") # what is folded has an outline


class Page(html.parser.HTMLParser):
    """Collects tables by the part or figure that they stand in, specifications, the outline, and what a page could
    fetch."""

    def __init__(self):
        super().__init__()
        self.tables, self.specs, self.fetches, self.drawings = {}, {}, [], 0
        self.places, self.cell, self.row, self.script = [], None, None, None
        self.policy, self.ids, self.parts, self.outline, self.heading = "", [], [], [], None
        self.text, self.silent = [""], 0

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.silent += tag in SILENT
        if tag in LINES:
            self.text.append("")
        elif tag in ("td", "th") and self.text[-1]:
            self.text[-1] += " | "
        for name in ("src", "href", "action", "data"):
            if name in attributes and not attributes[name].startswith("#"):
                self.fetches.append(attributes[name])
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "details" and attributes.get("class") == "part":
            self.parts.append(attributes["id"])
        if tag in ("section", "figure", "details"):
            outer = self.places[-1] if self.places else None
            self.places.append(attributes.get("data-name") or attributes.get("id") or outer)
        elif tag in ("h1", "h2", "h3"):
            self.heading = "  " * (int(tag[1]) - 1) + ("> " if self.folded() else "")
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell = ""
        elif tag == "script" and "id" in attributes:
            self.script = self.places[-1]
        elif tag == "meta" and "http-equiv" in attributes:
            self.policy = attributes["content"]
        self.drawings += "data-figure" in attributes

    def folded(self):
        return bool(self.places) and self.places[-1] in self.parts

    def handle_endtag(self, tag):
        self.silent -= tag in SILENT
        if tag in LINES:
            self.text.append("")
        if tag in ("td", "th"):
            self.row.append(self.cell)
            self.cell = None
        elif tag == "tr":
            self.tables.setdefault(self.places[-1], []).append(self.row)
        elif tag in ("section", "figure", "details"):
            self.places.pop()
        elif tag in ("h1", "h2", "h3"):
            self.outline.append(self.heading)
            self.heading = None
        elif tag == "script":
            self.script = None

    def handle_data(self, data):
        if not self.silent:
            self.text[-1] += data
        if self.cell is not None:
            self.cell += data
        if self.heading is not None:
            self.heading += data
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


def check_names(records, folder, expected):
    """The table names a metric beside each group that has several, whichever of them comes first."""
    paths = []
    for path in records:
        record = json.loads(path.read_text())
        record["cases"].reverse()
        for number, case in enumerate(record["cases"], 1):
            case["case"] = number
        paths.append(folder / f"reversed-{path.name}")
        paths[-1].write_text(json.dumps(record))
    run("report", *paths, "-o", folder / "reversed.html")
    page = Page()
    page.feed((folder / "reversed.html").read_text(encoding="utf-8"))
    names = sorted(row[0] for row in page.tables["variation"][1:])
    check(names == sorted(expected), f"in another order Table 1 has the rows {names}")


def check_answer(page):
    """One figure of ratios, a dot for each answer and case, in the words of `compare`."""
    specification = json.loads(page.specs["ratios"])
    rows = specification["data"][0]["values"]
    lists = next(signal for signal in specification["signals"] if signal["name"] == "ticks")["update"]
    ticks = [float(tick) for ticks in re.findall(r"\[([^]]*)\]", lists) for tick in ticks.split(",")]
    check(len(ticks) > 30 and all(tick == float(f"{tick:.3g}") for tick in ticks), f"three digits do not say all of {ticks}")
    compared = json.loads(subprocess.run([program, "compare", *page.records, "--format", "json"], capture_output=True,
                                         text=True, check=True).stdout)
    known = [answer["words"] for answer in compared["answers"]] + [row["words"] for row in compared["rows"]]
    check(all(row["words"] in known for row in rows), "a dot has words that compare does not know")
    check(sum(row["whole"] for row in rows) == len(compared["answers"]), "an answer has no dot")
    check(all(row["sure"] == (not row["words"].startswith("un")) for row in rows), "a dot is filled, and not sure")
    matrix = page.tables["answer"]
    check(matrix[0] == ["configuration", "network", "memory", "disk", "CPU"], f"the matrix begins with {matrix[0]}")
    check(len(matrix) == 3, f"the matrix has the rows {matrix}")
    text = subprocess.run([program, "compare", *page.records], capture_output=True, text=True, check=True).stdout
    for cell in [cell for row in matrix[1:] for cell in row]:
        check(cell in text, f"compare does not say {cell!r}")
    places = [row["x"] for row in rows]
    check("CPU\n217.9 Mflop/s\n" in places and "network" in places, f"the places are {places}")


def check_golden(name, lines):
    """Lines as tests/golden has them."""
    golden = source / "tests/golden" / name
    found = "\n".join(lines) + "\n"
    check(golden.exists() and found == golden.read_text(encoding="utf-8"), f"{name} is\n{found}")


def words_of(page):
    """What a reader sees before what is folded, a line for each paragraph and row of a table."""
    lines = [" ".join(line.split()) for line in page.text]
    return [line for line in lines if line]


def check_page(page, figures):
    check(page.drawings > 0 and page.drawings == len(page.specs), "a figure has no specification")
    check(not page.fetches, f"the page would fetch {page.fetches}")
    check("unsafe" not in page.policy and "default-src 'none'" in page.policy, f"the policy is {page.policy}")
    check(len(set(page.ids)) == len(page.ids), f"an id is there twice: {sorted(page.ids)}")
    for figure, text in page.specs.items():
        spec = json.loads(text)
        rows = spec["data"][0]["values"]
        check(len(page.tables[figure]) == len(rows) + 1, f"{figure}: the table differs from the figure")
        written = json.loads((figures / f"{figure}.vg.json").read_text())
        written.pop("title")
        check(written == spec, f"{figure}: --figures differs from the page")
    for figure in ("tcp-small", "tcp-medium", "tcp-large", "udp-small", "udp-medium"):
        check(f"group-{figure}-throughput" in page.specs, f"the rate of {figure} by size is missing")
    check_answer(page)
    verdicts = [row for row in page.tables["cases"] if len(row) == 6]
    hvm = [row for row in verdicts if row[0].startswith("tcp-large") and row[2] == "xen-hvm"]
    check(hvm and all("slower" in row[5] for row in hvm), f"the answer on xen-hvm is {hvm}")
    for figure in ("group-memory-triad", "group-disk-write", "group-disk-write-time", "group-cpu-solve"):
        check(figure in page.specs, f"{figure} is missing")


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
    check("noise-other-load" not in page.specs, "a share that never was above 1% has a figure")
    bounds = json.loads(page.specs.get("clock-rate", '{"data": [{"values": [{}]}]}'))["data"][0]["values"][0]
    check((bounds.get("low"), bounds.get("high")) == (-70, 30), f"the clock's bounds are {bounds}")


def requests_of(log):
    """What a page of a file asked for, by the browser's own log; the browser's requests for itself are not in it."""
    return [event["params"]["url"] for event in json.loads(log.read_text())["events"]
            if event.get("params", {}).get("network_isolation_key", "").startswith("file://")
            and not event["params"].get("url", "file:").startswith(("file:", "data:"))]


def command_of(browser, folder):
    """The browser's command. The proxy is nobody: nothing leaves this machine, whatever page or browser want."""
    return [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000", "--proxy-server=127.0.0.1:9"]


def browse(browser, page, folder, width=360):
    """The page as it stands after its scripts ran, what the console said, and what it asked for."""
    log = folder / "network.json"
    result = subprocess.run(
        [*command_of(browser, folder), "--enable-logging=stderr", f"--log-net-log={log}", f"--window-size={width},800",
         "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=300, check=False)
    console = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    return result.stdout, console, requests_of(log)


def check_drawn(browser, report, n_figures, folder):
    text, console, requests = browse(browser, report, folder)
    drawn = text.count('data-drawn="true"')
    check(drawn == n_figures, f"{drawn} of {n_figures} figures were drawn")
    check(text.count("<svg") >= n_figures, "a drawing has no SVG")
    check(not console, f"the console says: {console}")
    check(not requests, f"the page asked for {requests}")


class Legends(html.parser.HTMLParser):
    """Each name in a drawing's legend, and how far it reaches beyond the drawing, in pixels, by half an em a character."""

    def __init__(self):
        super().__init__()
        self.beyond, self.shifts, self.width, self.legend, self.at = {}, [], 0, None, None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "svg":
            self.width, self.shifts = float(attributes["width"]), []
        elif tag in ("g", "text"):
            shift = re.match(r"translate\(([-0-9.]+)", attributes.get("transform", ""))
            self.shifts.append(float(shift[1]) if shift else 0)
            if "role-legend-label" in attributes.get("class", ""):
                self.legend = len(self.shifts)
            if tag == "text" and self.legend:
                self.at = (sum(self.shifts), float(attributes["font-size"].removesuffix("px")))

    def handle_data(self, data):
        if self.at:
            self.beyond[data] = max(self.beyond.get(data, -1000), self.at[0] + 0.5 * self.at[1] * len(data) - self.width)

    def handle_endtag(self, tag):
        if tag in ("g", "text"):
            if self.legend == len(self.shifts):
                self.legend = None
            self.shifts.pop()
            self.at = None


def check_whole(browser, report, folder, labels):
    """At the widths of a phone, a tablet and a desk no name in a legend is cut, by dots or by the drawing's edge."""
    for width in (360, 800, 1200):
        legends = Legends()
        legends.feed(browse(browser, report, folder, width)[0])
        check(set(legends.beyond) == set(labels), f"at {width} pixels the legends say {set(legends.beyond)}")
        check(max(legends.beyond.values()) <= 0, f"at {width} pixels the legends reach beyond: {legends.beyond}")


def check_legends(browser, records, folder):
    """Of five configurations whose names are as long as those of a study, and of a name that fills a line."""
    for name, label in ("long", "xen-{} (emulated hardware)"), ("longest", "guest {} of a machine with " + "words " * 8 + "x"):
        labels = []
        for i in range(5):
            record = json.loads(records[0].read_text())
            labels.append(label.format(i))
            record.update(configuration=labels[-1], configuration_given={"configuration": labels[-1]},
                          run_id=str(uuid.UUID(int=(1 + i) << 96 | 4 << 76 | 8 << 60)))
            (folder / f"{name}-{i}.json").write_text(json.dumps(record))
        run("report", *sorted(folder.glob(f"{name}-?.json")), "--baseline", labels[0], "-o", folder / f"{name}.html")
        check_whole(browser, folder / f"{name}.html", folder, labels)


def make_crowded(folder):
    """The records of five configurations, with losses to explain and many differences of many lines."""
    for i, boot in itertools.product(range(5), (1, 2, 3)):
        record = json.loads((folder / "boots" / f"{'native' if i == 0 else 'xen-hvm'}-{boot}.json").read_text())
        label = f"xen-hvm-on-a-machine-with-a-long-name-{i}" if i > 0 else "native"
        record.update(configuration=label, configuration_given={"configuration": label},
                      run_id=str(uuid.UUID(int=(100 + i) << 96 | boot << 88 | 4 << 76 | 8 << 60)))
        facts = record["environment"]["before"]["facts"]
        facts += [dict(facts[0], fact=f"cpu.made_up_{k:02}", value=f"of {i} {k} " + "many words " * (5 if k > 0 else 200))
                  for k in range(25)]
        for trial in (trial for case in record["cases"] for trial in case["trials"]):
            trial["facts"] += [{"key": key, "value": str(share * trial["duration_s"])}
                               for key, share in (("host_cpu_s", 1.2), ("host_guest_s", 0.7))]
        path = folder / f"crowded-{i}-{boot}.json"
        path.write_text(json.dumps(record))
        yield path


def check_printed(browser, report, folder, first_part="Every case and metric"):
    """On paper every part is open, and what is folded on a screen begins on the fourth page at the latest."""
    subprocess.run([*command_of(browser, folder), "--no-pdf-header-footer", f"--print-to-pdf={folder}/page.pdf",
                    report.as_uri()], capture_output=True, timeout=300, check=False)
    text = subprocess.run(["pdftotext", "-layout", folder / "page.pdf", "-"], capture_output=True, text=True,
                          check=True).stdout
    pages = text.split("\f")
    first = next((number for number, page in enumerate(pages, 1) if first_part in page), None)
    check(first is not None and first <= 4, f"what is folded begins on the printed page {first}")
    check("cpu.model" in text[text.rfind("All facts of the machines"):], "what is folded is not printed")


def check_baseline(records, folder):
    """The native configuration, wherever it stands, or the one that is named; else nothing is compared."""
    native, pv, hvm = records
    for arguments, title in (([hvm, native], "xen-hvm against native: "), ([pv, native], "xen-pv against native: "),
                             ([native, hvm, "--baseline", "xen-hvm"], "native against xen-hvm: "),
                             ([hvm, pv], "What was measured: xen-hvm, xen-pv")):
        run("report", *arguments, "-o", folder / "other.html")
        text = (folder / "other.html").read_text(encoding="utf-8")
        check(f"<h1>{title}" in text, f"{arguments}: the title is not {title!r}")
        check(("Nothing is compared" in text) == title.startswith("What"), f"{arguments}: what is compared?")


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
    page.records = records
    check_table_1(page, study)
    check_page(page, folder / "figures")
    disturbed = json.loads(records[0].read_text())
    n_trials = disturb(disturbed)
    (folder / "disturbed.json").write_text(json.dumps(disturbed))
    run("report", folder / "disturbed.json", "-o", folder / "disturbed.html")
    noisy = Page()
    noisy.feed((folder / "disturbed.html").read_text(encoding="utf-8"))
    check_conditions(noisy, n_trials)
    check_baseline(records, folder)
    check_names(records, folder, [row[0] for row in page.tables["variation"][1:]])
    subprocess.run([sys.executable, source / "tests/fixtures/make_boots.py", folder / "boots"], check=True)
    run("report", *sorted((folder / "boots").glob("*.json")), "-o", folder / "boots.html")
    boots = Page()
    boots.feed((folder / "boots.html").read_text(encoding="utf-8"))
    check_golden("report_outline.txt", boots.outline) # headings in their order, what is folded with a mark
    check_golden("report_page.txt", words_of(boots))
    for name in ("report.html", "disturbed.html", "boots.html", "other.html"):
        check(not faults_of(folder / name), f"{name}: {faults_of(folder / name)}")
    # Sanitizers look at what writes the pages, which are the same.
    browser = shutil.which("chromium") if os.environ.get("VMSUITE_SANITIZER", "none") == "none" else None
    if browser:
        check_browser(browser, folder)
        check_drawn(browser, folder / "report.html", page.drawings, folder)
        check_whole(browser, folder / "report.html", folder, ["native", "xen-pv", "xen-hvm"])
        check_legends(browser, records, folder)
        if shutil.which("pdftotext"):
            check_printed(browser, folder / "boots.html", folder)
            check_printed(browser, folder / "report.html", folder)
            run("report", *make_crowded(folder), "-o", folder / "crowded.html")
            check_printed(browser, folder / "crowded.html", folder, "Why: what goes together")
        else:
            print("not printed: pdftotext (poppler-utils) is not installed")
        check_drawn(browser, folder / "disturbed.html", noisy.drawings, folder)
    else:
        print("not looked at: chromium is not installed, or another build's pages are")
print(f"{page.drawings} figures" if not failures else f"{len(failures)} failed")
sys.exit(1 if failures else 0)
