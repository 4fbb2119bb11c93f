#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Executes the notebook on the three records with the CVs of the 2008 study, where it has to find the losses of
`vmsuite compare`, and on a record of which much has failed. Exit 77: skipped, Jupyter or pandas are missing.

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
        check=True, env=environment, timeout=240)
    outputs = [output for cell in json.loads((folder / "out.ipynb").read_text())["cells"]
               for output in cell.get("outputs", [])]
    text = "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")
    return text, sum("image/png" in output.get("data", {}) for output in outputs)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    subprocess.run([sys.executable, source / "tests/fixtures/make_santos.py", folder], check=True)
    records = [folder / f"{name}.json" for name in ("native", "xen-pv", "xen-hvm")]
    samples, comparison = folder / "samples.jsonl", folder / "comparison.json"
    vmsuite("export", *records, "--format", "jsonl", "--output", samples)
    vmsuite("compare", *records, "--format", "json", "--output", comparison)
    text, drawings = execute(folder, VMSUITE_SAMPLES=samples, VMSUITE_COMPARISON=comparison)
    rows = len(json.loads(comparison.read_text())["rows"])
    assert f"{rows} losses are those of the comparison" in text, text
    assert "xen-hvm, disk: losses from +47.0%" in text, text
    assert "14 figures" in text and drawings == 18, (text, drawings)

    vmsuite("export", source / "tests/golden/record.json", "--format", "jsonl", "--output", samples)
    text, drawings = execute(folder, VMSUITE_SAMPLES=samples, VMSUITE_COMPARISON=folder / "none")
    assert "0 losses are those of the comparison" in text, text
    assert drawings > 0
print("the notebook finds what the comparison says")
