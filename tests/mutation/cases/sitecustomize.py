# SPDX-License-Identifier: GPL-3.0-or-later
"""Read by every Python that a mutation run starts (PYTHONPATH): the cases of a test that are wanted alone, which of them
failed, and which changes' places each of them reached (../reach.py). A test knows nothing of it."""
import atexit
import json
import os
import time

WANTED, FAILED, MARKS, REACHED = (os.environ.get(f"VMSUITE_MUTATION_{name}") for name in ("CASES", "FAILED", "MARKS", "REACHED"))


def name_of(test):
    return ".".join(test.id().split(".")[-2:])


def choose(loader):
    """Only the wanted cases are loaded."""
    load, wanted = loader.loadTestsFromModule, set(WANTED.split(","))

    def cases(suite):
        for test in suite:
            yield from cases(test) if hasattr(test, "__iter__") else [test]

    def load_wanted(self, *arguments, **options):
        return self.suiteClass([test for test in cases(load(self, *arguments, **options)) if name_of(test) in wanted])

    loader.loadTestsFromModule = load_wanted


def tell_failed(result):
    """Writes the names of the cases that fail."""
    def tell(test):
        with open(FAILED, "a") as file:
            file.write(name_of(test) + "\n")

    def telling(method):
        def add(self, test, error):
            tell(test)
            return method(self, test, error)
        return add

    def add_subtest(self, test, subtest, error):
        if error is not None:
            tell(test)
        return of_subtests(self, test, subtest, error)

    of_subtests = result.addSubTest
    result.addError, result.addFailure, result.addSubTest = telling(result.addError), telling(result.addFailure), add_subtest


class Recorder:
    """What was reached between two cases belongs to all cases of the class, what was before the first to all."""

    def __init__(self):
        self.always, self.of_class, self.cases, self.seconds, self.last = None, {}, {}, {}, None

    @staticmethod
    def take():
        with open(MARKS, "r+b") as file:
            marks = file.read()
            file.seek(0)
            file.write(bytes(len(marks)))
        return {number for number, mark in enumerate(marks) if mark}

    def start(self, test):
        marks, kind = self.take(), type(test).__name__
        self.of_class.setdefault(kind, set()).update(marks)
        if self.last:
            self.of_class[self.last] |= marks
        self.always = marks if self.always is None else self.always
        self.begin, self.last = time.monotonic(), kind

    def stop(self, test):
        self.cases.setdefault(name_of(test), set()).update(self.take())
        self.seconds[name_of(test)] = time.monotonic() - self.begin

    def write(self):
        if not self.last:
            return
        self.of_class[self.last] |= self.take()
        cases = {name: sorted(marks | self.always | self.of_class[name.split(".")[0]]) for name, marks in self.cases.items()}
        with open(REACHED, "w") as file:
            json.dump({"cases": cases, "seconds": self.seconds}, file)


def record(result):
    recorder, start, stop = Recorder(), result.startTest, result.stopTest

    def start_test(self, test):
        recorder.start(test)
        return start(self, test)

    def stop_test(self, test):
        recorder.stop(test)
        return stop(self, test)

    result.startTest, result.stopTest = start_test, stop_test
    atexit.register(recorder.write)


if WANTED or FAILED or REACHED:
    import unittest

    if WANTED:
        choose(unittest.TestLoader)
    if FAILED:
        tell_failed(unittest.TestResult)
    if REACHED:
        record(unittest.TestResult)
