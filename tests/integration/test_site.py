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
                              capture_output=True, text=True, timeout=100, check=True)
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

    def test_nothing_is_fetched(self):
        self.keep(*self.make(10))
        for name in self.pages():
            text = (self.folder / "site" / name).read_text()
            self.assertIn("default-src 'none'", text)
            self.assertFalse(re.search(r"(https?:)?//[a-z]", re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.S)))

    def test_texts_of_others(self):
        record = make_history.record(0, [make_history.case(1, [1.0, 2.0, 3.0])], configuration=SCRIPT, kernel='"><b>',
                                     model=NASTY[5] + SCRIPT)
        record["cases"][0].update(group=SCRIPT, module='"onload="x', params={"<i>": "</title>"})
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

    def test_what_does_not_go_together(self):
        for arguments in (["--store", self.store, "record.json"], ["--store", self.store, "--figures", "x"],
                          ["--records", "x"], []):
            self.run_program("report", *arguments, status=2)
        self.assertIn("there is no store", self.run_program("report", "--store", self.store, status=2)[1])


if __name__ == "__main__":
    main()
