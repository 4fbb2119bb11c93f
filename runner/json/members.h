/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members of a document's objects as a table: checking, "did you mean" and the manual come from the same
 * rows, and a test compares them with the schemas. */
#ifndef VMSUITE_RUNNER_JSON_MEMBERS_H
#define VMSUITE_RUNNER_JSON_MEMBERS_H

#include "json/document.h"

#include <vmsuite/module.h>

enum member_kind {
    MEMBER_TEXT,   /* a string */
    MEMBER_WHOLE,  /* a whole number within limits, or one of the words, if there are any */
    MEMBER_CHOICE, /* one of the words */
    MEMBER_TIME,   /* seconds above 0, as a number or text: 90, "90s", "5min" */
    MEMBER_OBJECT, /* with `members`, or with members that its reader checks */
    MEMBER_LIST,   /* of objects with `members`, or of what its reader checks */
    MEMBER_FLAG,   /* true or false */
    MEMBER_MIXED   /* of several shapes, which its reader checks */
};

struct member {
    const char *name;
    enum member_kind kind;
    json_int_t min, max;                /* MEMBER_WHOLE; MEMBER_LIST: the fewest elements */
    const char *const *words;           /* MEMBER_CHOICE, MEMBER_WHOLE; ended by NULL */
    const struct member_table *members; /* of the object or of each element; NULL: the reader checks them */
    /* MEMBER_TEXT: 0, or -EINVAL with what it must be: "must not be empty". NULL: any text will do. */
    int (*check)(const char *text, struct vms_error *error);
    bool required;
    const char *fallback; /* the value where it is left out, as JSON: "10"; NULL: it is then absent */
    const char *sentence; /* what it is: no capital, no full stop */
};

struct member_table {
    const char *name; /* of the object, for the manual: "suite", "benchmark" */
    const struct member *rows;
    size_t n_rows;
};

/* Adds a problem for each unknown key, each member that is missing, has another shape or is outside its
 * limits, in `object` and in the objects that its rows hold. */
void members_check(const struct document *document, const char *path, const json_t *object,
                   const struct member_table *table);

/* Values of an object that was checked; a refused value reads as absent. */
const char *members_text(const json_t *object, const char *name); /* NULL: absent */
json_int_t members_whole(const json_t *object, const char *name, json_int_t fallback);
double members_seconds(const json_t *object, const char *name); /* MEMBER_TIME; 0: absent */

/* For MEMBER_TEXT. */
int members_not_empty(const char *text, struct vms_error *error);

#endif
