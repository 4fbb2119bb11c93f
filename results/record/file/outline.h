/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the members and the cases of a record lie in its text, found in one pass without reading what is in
 * them. The text may come in pieces. */
#ifndef VMSUITE_RESULTS_RECORD_FILE_OUTLINE_H
#define VMSUITE_RESULTS_RECORD_FILE_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stretch of the text, with space around it perhaps. */
struct extent {
    uint64_t start, end;
};

/* A member of the record but "cases"; the key is inside of its quotes. */
struct outline_member {
    struct extent key, value;
};

struct extent_list {
    struct extent *extents; /* owned */
    size_t n, capacity;
};

/* Zeroed before the first piece. */
struct outline {
    struct outline_member *members; /* owned */
    size_t n_members;
    struct extent_list cases;
    bool has_cases;

    /* Where the text stands. */
    uint64_t at;
    size_t depth;
    enum {
        OUTLINE_BEGIN,
        OUTLINE_KEY,
        OUTLINE_COLON,
        OUTLINE_VALUE,
        OUTLINE_BEHIND_CASES,
        OUTLINE_END
    } expected;
    bool in_string, escaped, in_cases;
    bool has_content; /* something since the last separator */
    uint64_t start;   /* of the stretch that has not ended */
    char key[8];      /* the key's beginning */
    size_t key_length;
};

/* Goes on with `length` bytes. -EINVAL with a static sentence: `outline->at` is the place. -ENOMEM. */
int outline_scan(struct outline *outline, const char *text, size_t length, const char **ret_sentence);
/* The text is at its end. */
int outline_finish(struct outline *outline, const char **ret_sentence);
void outline_done(struct outline *outline);

#endif
