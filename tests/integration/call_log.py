# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that a program makes on files, as the preloaded log of them (tests/fakes/call_log.c) notes them."""
import collections
import os
import re

from harness import BUILD, Case

LIBRARY = BUILD / "tests" / "fakes" / "libcall-log.so"
Call = collections.namedtuple("Call", "pid name path rest")


class Observed(Case):
    def setUp(self):
        super().setUp()
        self.log = self.write("calls", "")
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        self.environment |= {"LD_PRELOAD": str(LIBRARY), "VMSUITE_CALL_LOG": str(self.log), "ASAN_OPTIONS": options}

    def calls(self):
        found = []
        for line in self.log.read_text().splitlines():
            pid, name, path, *rest = line.split("\t")
            found.append(Call(int(pid), name, path, rest))
        return found

    def about(self, calls, pattern):
        """The calls whose path, or second path, matches; each as "name" alone."""
        return [call.name for call in calls if re.search(pattern, call.path) or
                (call.rest and re.search(pattern, call.rest[0]))]
