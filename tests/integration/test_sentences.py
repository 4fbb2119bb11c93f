# SPDX-License-Identifier: GPL-3.0-or-later
"""Every format of compare and the report say the same of a resource and of a case, in the same words and digits."""
import html
import json
import re
import sys
import xml.etree.ElementTree

from harness import SOURCE, Case, main

sys.path.insert(0, str(SOURCE / "tests" / "fixtures"))
import make_boots  # noqa: E402

MARGIN = "3%"


def flat(text):
    """As one line: columns and paragraphs break elsewhere in each format."""
    return re.sub(r"\s+", " ", text)


class Sentences(Case):
    def setUp(self):
        super().setUp()
        make_boots.main(self.folder)

    def texts(self, records, margin):
        """What each format says, as a reader sees it."""
        def compare(form, *more):
            return self.run_program("compare", *records, "--format", form, "--equivalent-within", margin, *more)[0]

        junit = xml.etree.ElementTree.fromstring(compare("junit"))
        texts = {
            "table": compare("table", "--details"),
            "markdown": html.unescape(re.sub(r"\\(.)", r"\1", compare("markdown"))),
            "junit": " ".join(text for element in junit.iter()
                              for text in (element.text or "", element.get("message", ""))),
        }
        if margin == MARGIN: # the report has no other
            self.run_program("report", *records, "--output", "report.html")
            page = (self.folder / "report.html").read_text(encoding="utf-8")
            texts["report"] = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<script.*?</script>", "", page)))
        return {name: flat(text) for name, text in texts.items()}

    def assert_said(self, comparison, texts):
        """Returns the verdicts of what was looked for."""
        for answer in comparison["answers"]:
            is_open = answer["verdict"] in ("undecided", "unconfirmed")
            for name, text in texts.items():
                # What is sure is in the matrix of the table in its short form, in the report's list of intervals.
                said = answer["sentence"] if is_open or name in ("markdown", "junit") else answer["words"]
                if name != "table" or is_open:
                    self.assertTrue(flat(said) in text, f"{name}: {said}")
        for row in comparison["rows"]:
            for name, text in texts.items() if row["verdict"] != "untested" else ():
                self.assertTrue(flat(row["words"]) in text, f"{name}: {row['label']}: {row['words']}")
        return {finding["verdict"] for finding in comparison["answers"] + comparison["rows"]}

    def test_all_formats(self):
        seen = set()
        for boots, margin in (("1", MARGIN), ("12", MARGIN), ("123", MARGIN), ("123", "20%")):
            records = [f"{name}-{boot}.json" for name in ("native", "xen-pv", "xen-hvm") for boot in boots]
            out, _ = self.run_program("compare", *records, "--format", "json", "--equivalent-within", margin)
            seen |= self.assert_said(json.loads(out), self.texts(records, margin))
        # The words of each verdict were looked for.
        self.assertLessEqual({"slower", "equivalent", "undecided", "unconfirmed"}, seen)


if __name__ == "__main__":
    main()
