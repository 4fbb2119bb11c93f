# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a mark before the statement that a change alters, so that a test shows by it whether it reaches the change."""
import bisect
import os
import re

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|^[ \t]*#(?:\\\n|[^\n])*|\w+|\s+|.', re.S | re.M)
LABELS = ("case", "default")
# A page that all processes of a test share: mapped where nothing else is, by whatever of a process is loaded first, before it
# gives up the right to open it.
MARKS = """#ifndef VMS_MARK
#define VMS_MARK(n) ((void)(vms_marks_open && (*(volatile unsigned char *)(0x6a0000000000ull + (n)) = 1)))
#include <asm/unistd.h>
extern long syscall(long, ...);
static _Bool vms_marks_open;
static void __attribute__((constructor(101), used)) vms_marks_map(void) {
    unsigned char resident[%(pages)d];
    long fd;
    vms_marks_open = syscall(__NR_mincore, 0x6a0000000000ull, %(size)dul, resident) == 0;
    if (vms_marks_open)
        return;
    fd = syscall(__NR_openat, -100, "%(path)s", 02000002, 0);
    if (fd < 0)
        return;
    (void)syscall(__NR_mmap, 0x6a0000000000ull, %(size)dul, 3, 0x100001, fd, 0l);
    (void)syscall(__NR_close, fd);
    vms_marks_open = syscall(__NR_mincore, 0x6a0000000000ull, %(size)dul, resident) == 0;
}
#endif
"""


class Statements:
    """Where the statement begins in which a place of a C file lies, and the body of its function."""

    def __init__(self, text):
        self.places, self.starts, self.bodies = [-1], [None], [None]
        self.braces = []  # of blocks: the start of their statement; of anything else: False
        self.before = []  # by block: the statement before, to which an "else" belongs
        self.body, self.start, self.is_new, self.parens, self.words = None, None, False, 0, []
        self.last, self.gap = "", False
        for token in TOKEN.finditer(text):
            word = token.group()
            if word.isspace() or word.startswith(("//", "/*")) or word.lstrip().startswith("#"):
                self.gap = True
                continue
            self.take(word, token.start())
            self.last, self.gap = word, False

    def say(self, place, start):
        self.places.append(place)
        self.starts.append(start)
        self.bodies.append(self.body)

    def take(self, word, place):
        if self.body is None:
            self.take_outside(word, place)
            return
        if self.is_new and word != "}":
            self.begin(word, place)
        if word in "([":
            self.parens += 1
        elif word in ")]":
            self.parens -= 1
        elif word == "{":
            self.open(place)
        elif word == "}":
            self.close(place)
        elif word == ";" and self.parens == 0:
            self.end()
        elif word == ":" and self.parens == 0 and (self.words[0] in LABELS or len(self.words) == 1):
            self.is_new = True
        if not self.is_new:
            self.words.append(word)

    def take_outside(self, word, place):
        if word in "([":
            self.parens += 1
        elif word in ")]":
            self.parens -= 1
        elif word == "{" and self.parens == 0 and not self.braces and self.last == ")":
            self.braces, self.before, self.body, self.is_new = [None], [None], place + 1, True
        elif word == "{":
            self.braces.append(False)
        elif word == "}" and self.braces:
            self.braces.pop()

    def begin(self, word, place):
        self.is_new, self.words = False, []
        self.start = self.before[-1] if word == "else" else place
        if word in LABELS:
            self.start = [owner for owner in self.braces if owner is not False][-1]
        self.say(place, self.start)

    def open(self, place):
        if self.parens == 0 and (not self.words or self.last in ("else", "do", ":") or (self.last == ")" and self.gap)):
            self.braces.append(self.start)
            self.before.append(None)
            self.is_new = True
        else:
            self.braces.append(False)
            self.parens += 1

    def close(self, place):
        owner = self.braces.pop()
        if owner is False:
            self.parens -= 1
            return
        self.before.pop()
        if not self.braces:
            self.body = None
            self.say(place + 1, None)
            return
        self.start, self.is_new = owner, True
        self.before[-1] = owner
        self.say(place, owner)

    def end(self):
        self.before[-1] = self.start
        self.is_new = True

    def at(self, place):
        """(start of the statement, of the function's body), None where there is none."""
        i = bisect.bisect_right(self.places, place) - 1
        return self.starts[i], self.bodies[i]


def differing(change):
    """The first and the last place in `from` at which the change alters it."""
    old, new = change["from"], change["to"]
    first = len(os.path.commonprefix([old, new]))
    last = len(old) - len(os.path.commonprefix([old[first:][::-1], new[first:][::-1]]))
    return min(first, len(old) - 1), max(first, last - 1, 0)


def places(text, changes, coarse):
    """{number: where to put its mark} of numbered changes; those outside of functions have none."""
    statements, found = Statements(text), {}
    for number, change in changes:
        at = text.find(change["from"])
        first, last = (statements.at(at + place) for place in differing(change))
        place = first[0] if first == last and not coarse else first[1] if first[1] == last[1] else None
        if first[1] is not None and place is None and first[1] == last[1]:
            place = first[1]
        if place is not None:
            found[number] = place
    return found


def marked(text, changes, path, size, coarse):
    """The text with marks, in each function (coarse) or before the statement itself, and which changes have one."""
    found = places(text, changes, coarse)
    for number, place in sorted(found.items(), key=lambda one: -one[1]):
        text = f"{text[:place]} VMS_MARK({number}); {text[place:]}"
    return (MARKS % {"path": path, "size": size, "pages": size // 4096}) + text, set(found)
