# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program in another's place is to do and what it keeps, in $FAKE_FOLDER."""
import os
import pathlib

FOLDER = pathlib.Path(os.environ["FAKE_FOLDER"])


def how():
    """The word for what goes wrong; "" where nothing does."""
    path = FOLDER / "how"
    return path.read_text() if path.exists() else ""


def keep(name, text):
    """Adds a line to a file."""
    with open(FOLDER / name, "a", encoding="utf-8") as file:
        file.write(text + "\n")
