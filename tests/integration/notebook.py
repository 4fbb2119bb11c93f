#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Executes the notebook on boots in the shape of the 2008 study: two of each configuration, and a pair, one of
which has zeros and a failed case. It has to say what `vmsuite compare` says, and to find each of its figures in the samples. Exit 77: skipped, Jupyter or pandas are missing.

usage: notebook.py SOURCE_FOLDER VMSUITE"""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

source, program = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
PATH = "/usr/bin:/bin"

missing = [name for name in ("pandas", "matplotlib", "ipykernel", "nbconvert", "jinja2")
           if importlib.util.find_spec(name) is None]
if missing or not shutil.which("jupyter", path=PATH):
    print(f"skipped: Debian's Jupyter packages are not installed ({', '.join(missing) or 'jupyter-core'})")
    sys.exit(77)


def vmsuite(*arguments):
    subprocess.run([program, *arguments], check=True)


def execute(folder, **variables):
    """What the executed notebook printed, and how many drawings it holds."""
    environment = {**os.environ, "PATH": PATH, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1",
                   **{name: str(value) for name, value in variables.items()}}
    subprocess.run(
        ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder, "--output", "out.ipynb",
         source / "results/notebooks/compare.ipynb"],
        check=True, env=environment, timeout=300)
    outputs = [output for cell in json.loads((folder / "out.ipynb").read_text())["cells"]
               for output in cell.get("outputs", [])]
    text = "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")
    return text, sum("image/png" in output.get("data", {}) for output in outputs)


def trials_of(record, group):
    return [trial for case in record["cases"] if case["group"] == group for trial in case["trials"]]


def with_zeros(record):
    """Every figure of the disk is 0 in one trial of three: more than is cut off, so that there is no logarithm."""
    for number, trial in enumerate(trials_of(record, "disk")):
        for metric in trial["metrics"] if number % 3 == 0 else []:
            metric["value"] = 0.0


def with_a_failed_case(record):
    case = next(case for case in record["cases"] if case["group"] == "memory")
    case.update(status="failed", reason="element 17 of the result is 3, expected 4", trials=[], summary=[])
    record["status"] = "failed"


def with_odd_names(*records):
    """Formulas to matplotlib, which cannot set them."""
    for record in records:
        for case in record["cases"]:
            case["group"] = f"$\\nosuch {case['group']}$ _"
        for benchmark in record["suite"]["benchmarks"]:
            benchmark["group"] = f"$\\nosuch {benchmark['group']}$ _"


def compare_and_execute(records, folder):
    """The notebook's words on the records, its drawings, and the comparison that it was given."""
    samples, comparison = folder / "samples.jsonl", folder / "comparison.json"
    vmsuite("export", *records, "--format", "jsonl", "--output", samples)
    vmsuite("compare", *records, "--format", "json", "--output", comparison)
    return *execute(folder, VMSUITE_SAMPLES=samples, VMSUITE_COMPARISON=comparison), json.loads(comparison.read_text())


def check_words(text, comparison):
    """Every answer stands there as compare has it, and every scalar figure was found again."""
    for answer in comparison["answers"]:
        assert answer["sentence"] in text, (answer["sentence"], text)
    checked = sum(row["scale"] != "identical" for row in comparison["rows"])
    assert f"{checked} figures are those of the comparison" in text, (checked, text)
    drawn = sum(row["headline"] and row["cost"] is not None for row in comparison["rows"])
    assert drawn > 0 and f"{drawn} cases with a ratio" in text, (drawn, text)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    subprocess.run([sys.executable, source / "tests/fixtures/make_boots.py", folder / "boots"], check=True)
    boots = {name: [folder / "boots" / f"{name}-{boot}.json" for boot in (1, 2, 3)] for name in ("native", "xen-pv", "xen-hvm")}

    # Two runs a side, and three configurations.
    text, drawings, comparison = compare_and_execute(
        [path for paths in boots.values() for path in paths[:2]], folder)
    check_words(text, comparison)
    assert "14 figures" in text and drawings == 15, (text, drawings)
    assert ", 0 of them without a logarithm" in text, text

    # One run a side, with zeros in one case and the failure of another.
    record = json.loads(boots["xen-pv"][0].read_text())
    with_zeros(record)
    with_a_failed_case(record)
    native = json.loads(boots["native"][0].read_text())
    with_odd_names(native, record)
    for name, one in (("native.json", native), ("changed.json", record)):
        (folder / name).write_text(json.dumps(one))
    text, drawings, comparison = compare_and_execute([folder / "native.json", folder / "changed.json"], folder)
    check_words(text, comparison)
    assert ", 12 of them without a logarithm" in text and drawings == 15, (text, drawings)

    # Samples alone, of a record of which much has failed; and the history that a store holds, a drawing for each case.
    samples = folder / "samples.jsonl"
    vmsuite("export", source / "tests/golden/record.json", "--format", "jsonl", "--output", samples)
    store, records = folder / "history.db", [path for paths in boots.values() for path in paths]
    vmsuite("store", "import", "--store", store, *records)
    text, drawings = execute(folder, VMSUITE_SAMPLES=samples, VMSUITE_COMPARISON=folder / "none", VMSUITE_STORE=store)
    cases = len({(case["group"], str(case["params"])) for path in records for case in json.loads(path.read_text())["cases"]})
    assert "0 figures are those of the comparison" in text, text
    assert f"9 moments of {cases} cases in the store" in text and drawings > cases, (cases, text)
print("the notebook says what the comparison says")
