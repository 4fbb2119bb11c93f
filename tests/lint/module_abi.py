# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds docs/module-abi.md against the public header: versions, roles, functions of a module.

usage: module_abi.py SOURCE_FOLDER
"""
import pathlib
import re
import sys


def main():
    source = pathlib.Path(sys.argv[1])
    header = (source / "core/include/vmsuite/module.h").read_text(encoding="utf-8")
    page = (source / "docs/module-abi.md").read_text(encoding="utf-8")
    version = ".".join(re.search(rf"#define VMS_ABI_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR"))
    roles = [role.lower() for role in re.findall(r"^ +VMS_ROLE_(\w+)", header, re.M)]
    body = re.search(r"^struct vms_module \{(.*?)^\};", header, re.M | re.S)[1]
    functions = re.findall(r"\(\*(\w+)\)", body)
    faults = []
    if f"Version {version}." not in page or f"\n| {version} |" not in page:
        faults.append(f"version {version} is not the page's, or has no row in its table")
    faults += [f"role {role} is not explained" for role in roles if f"`{role}`" not in page]
    faults += [f"function {name} has no place" for name in functions if f"`{name}`" not in page]
    if not roles or not functions:
        faults.append("the header could not be read")
    print(*(f"docs/module-abi.md: {fault}" for fault in faults), sep="\n")
    return 1 if faults else 0


sys.exit(main())
