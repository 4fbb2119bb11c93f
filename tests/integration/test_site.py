# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages over a store: every history in the index, a page for each case, texts of others harmless, and looked at in Chromium
where that is installed."""
import html.parser
import re
import shutil
import subprocess
import unittest

from harness import main
from test_store import NASTY, StoreCase, make_history

SCRIPT = "<script>alert(1)</script>"
VOID = {"meta", "input", "br", "path"}


class Page(html.parser.HTMLParser):
    """Elements, links and text of a page, which must be well nested."""

    def __init__(self, path):
        super().__init__()
        self.open, self.tags, self.links, self.texts = [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert not self.open, self.open
        self.text = "".join(self.texts)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)


class Site(StoreCase):
    def pages(self, *arguments, output="site"):
        out, err = self.run_program("report", "--store", self.store, "-o", self.folder / output, *arguments)
        pages = {path.name: Page(path) for path in sorted((self.folder / output).iterdir())}
        self.assertIn(f"report: {len(pages)} pages, ", err)
        return pages

    def browse(self, page, fragment=""):
        browser = shutil.which("chromium")
        if not browser:
            raise unittest.SkipTest("skipped: chromium is not installed")
        done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                               f"--user-data-dir={self.folder}/browser", "--dump-dom", f"{page.as_uri()}{fragment}"],
                              capture_output=True, text=True, timeout=300, check=True)
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    def test_index_and_pages(self):
        self.keep(*self.make(24, cases=3, trials=5, step=0.2))
        pages = self.pages("--records", "../records/")
        index = pages.pop("index.html")
        self.assertEqual(sorted(index.links), sorted(pages))
        self.assertEqual(index.text.count("slower"), 3)
        for page in pages.values():
            self.assertEqual(page.tags.count("h1"), 1)
            self.assertIn("kernel.release: 6.1.0-1 -> 6.1.0-2", page.text)
            self.assertIn("index.html", page.links)
            self.assertIn("../records/00012.json", page.links)
            self.assertIn("2026-01-01T12:00:00Z", page.text)

    def test_index_has_the_latest_figures(self):
        """Of one run as of several."""
        for run, value in enumerate((1500.0, 2500.0)):
            self.keep(make_history.write(self.folder_of_records, run, make_history.record(run, [make_history.case(1, [value] * 3)])))
            self.pages()
            text = (self.folder / "site" / "index.html").read_text()
            self.assertIn(f'<td class="runs">{run + 1}</td><td>{value / 1000:.3f} k/s</td>', text)
            self.assertIn("<p>1 history, ", text)
            shutil.rmtree(self.folder / "site")

    def test_nothing_is_fetched(self):
        self.keep(*self.make(10))
        for name in self.pages():
            text = (self.folder / "site" / name).read_text()
            self.assertIn("default-src 'none'", text)
            self.assertFalse(re.search(r"(https?:)?//[a-z]", re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.S)))

    def test_texts_of_others(self):
        record = make_history.record(0, [make_history.case(1, [1.0, 2.0, 3.0])], configuration=SCRIPT, kernel='"><b>',
                                     model=NASTY[5] + SCRIPT)
        record["cases"][0].update(group=SCRIPT, module='"onload="x' + SCRIPT, params={"<i>": "</title>"})
        path = make_history.write(self.folder, 0, record)
        hostile = path.rename(self.folder / 'a"b<c>.json')
        self.keep(hostile)
        for name, page in self.pages("--records", "r/").items():
            self.assertRegex(name, r"^(index|case-[0-9]+)\.html$")
            self.assertEqual((page.tags.count("script"), page.tags.count("b"), page.tags.count("i")), (1, 0, 0))
            self.assertFalse([link for link in page.links if "<" in link or '"' in link])
            self.assertIn(SCRIPT, page.text)

    def test_pages_stay_small(self):
        self.keep(*self.make(600, cases=1, trials=1))
        self.pages()
        self.assertLess(max(path.stat().st_size for path in (self.folder / "site").iterdir()), 60000)

    def test_search_in_the_browser(self):
        self.keep(*self.make(10, cases=3))
        self.pages()
        for fragment, shown in (("", 3), ("#work-2", 1), ("#WORK%20here", 3), ("#nothing", 0)):
            text, console = self.browse(self.folder / "site" / "index.html", fragment)
            self.assertEqual(console, [])
            rows = re.findall(r"<tr([^>]*)><th class=\"what\"", text)
            self.assertEqual(sum("hidden" not in row for row in rows), shown, fragment)
        _, console = self.browse(self.folder / "site" / "case-1.html")
        self.assertEqual(console, [])

    def report(self, *records, status=0):
        out, err = self.run_program("report", *records, "--store", self.store, "-o", self.folder / "report.html", status=status)
        return Page(self.folder / "report.html") if status == 0 else out + err

    def test_page_of_records_with_their_histories(self):
        paths = self.make(24, cases=3, trials=5, step=0.2)
        self.keep(*paths)
        # Other work, another configuration and another machine of the same names have histories of their own.
        for run, keys in ((90, {"configuration": "there"}), (91, {"model": "Other"}), (92, {})):
            cases = [make_history.case(1, [5.0, 5.0])]
            if not keys:
                cases[0]["workload_version"] = 2
            self.keep(make_history.write(self.folder, run, make_history.record(run, cases, prefix=1, **keys)))
        text = self.report(paths[-1]).text
        self.assertIn("Since when: 3 of 3 histories changed", text)
        self.assertEqual(text.count("kernel.release: 6.1.0-1 -> 6.1.0-2"), 3)
        self.assertIn("since 2026-01-01T12:00:00Z", text)
        self.assertIn("0 of 2 histories changed", self.report(self.folder / "00090.json", self.folder / "00091.json").text)
        unknown = make_history.write(self.folder, 95, make_history.record(95, [make_history.case(9, [1.0, 2.0])]))
        self.assertIn("The store has no run of these cases", self.report(unknown).text)
        self.run_program("report", paths[-1], "-o", self.folder / "report.html")
        self.assertNotIn("Since when", (self.folder / "report.html").read_text())

    def test_page_of_records_with_texts_of_others(self):
        paths = [make_history.write(self.folder_of_records, run, make_history.record(
            run, [make_history.case(1, [1.0 - 0.5 * (run > 9)] * 3)], configuration=SCRIPT, model=SCRIPT,
            kernel=SCRIPT + str(run > 9))) for run in range(20)]
        self.keep(*paths)
        page = self.report(paths[0])
        self.assertEqual((page.tags.count("b"), page.text.count("1 of 1 histories changed")), (0, 1))
        self.assertNotIn(SCRIPT, (self.folder / "report.html").read_text())

    def test_what_does_not_go_together(self):
        for arguments in (["--store", self.store, "--records", "x", "record.json"], ["--store", self.store, "--figures", "x"],
                          ["--records", "x"], []):
            self.run_program("report", *arguments, status=2)
        self.assertIn("there is no store", self.run_program("report", "--store", self.store, status=2)[1])


if __name__ == "__main__":
    main()
