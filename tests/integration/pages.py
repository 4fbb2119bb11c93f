# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for each page that is written, whatever it says: its elements are nested, closed, and have no attribute twice."""
import html.parser

VOID = {"meta", "input", "br", "path", "link", "col", "img", "hr"}


class Nesting(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.faults = [], []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(set(names)) < len(names) or any("<" in name or '"' in name for name in names):
            self.faults.append(f"{self.getpos()}: <{tag}> has the attributes {names}")
        if tag not in VOID:
            self.open.append((tag, self.getpos()))

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop()[0] != tag:
            self.faults.append(f"{self.getpos()}: </{tag}> does not end what is open")


def faults_of(path):
    """What is wrong with the nesting of a page, in sentences."""
    page = Nesting()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page.faults[:3] + [f"<{tag}> at {place} is not ended" for tag, place in page.open[:3]]
