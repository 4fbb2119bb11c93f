/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a study may hold. */
#include "study/study_members.h"

#include "base/error.h"
#include "study/study.h"

#include <errno.h>
#include <string.h>

/* The study's folder is named after it. */
static int check_name(const char *text, struct vms_error *error) {
    return *text && *text != '.' && !strchr(text, '/')
               ? 0
               : error_set(error, -EINVAL, "must be a valid name for a folder");
}

static int check_find(const char *text, struct vms_error *error) {
    double find;

    return goal_parse_find(text, &find, error);
}

static const struct member rows[] = {
    {.name = "$schema", .kind = MEMBER_TEXT, .sentence = "the address of the schema, for editors; not read"},
    {.name = "study",
     .kind = MEMBER_TEXT,
     .check = check_name,
     .required = true,
     .sentence = "the study's name"},
    {.name = "description", .kind = MEMBER_TEXT, .sentence = "what the study asks, in a sentence or two"},
    {.name = "suite",
     .kind = MEMBER_MIXED,
     .sentence =
         "what is measured in every configuration: the name of a suite, its file, or the suite itself; it "
         "can be given with --suite instead"},
    {.name = "rounds",
     .kind = MEMBER_WHOLE,
     .min = 1,
     .max = STUDY_ROUNDS_MAX,
     .sentence =
         "boots of each configuration; unless given, 3 in real time, and 1 where instructions are counted, "
         "since those figures repeat"},
    {.name = "find",
     .kind = MEMBER_TEXT,
     .check = check_find,
     .sentence =
         "the difference that the boots are to find, \"5%\" or a factor, \"1.5\": chooses the number of "
         "boots, instead of rounds"},
    {.name = "budget",
     .kind = MEMBER_TIME,
     .sentence = "the time that all boots in real time may take together, in seconds or as text (\"20min\"): "
                 "chooses the number of boots, instead of rounds"},
    {.name = "seed",
     .kind = MEMBER_WHOLE,
     .max = INT64_MAX,
     .sentence = "seed of the order of boots within each round; random unless given, and recorded"},
    {.name = "clocks",
     .kind = MEMBER_LIST,
     .min = 1,
     .sentence =
         "what the clocks of guests count, \"real-time\", \"instructions\" or both: a pass of boots for "
         "each; only emulated guests can count instructions; both unless given"},
    {.name = "baseline",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .sentence =
         "the name of the configuration that the others are compared with; the one called \"native\", else "
         "the first, unless given"},
    {.name = "store",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .sentence =
         "the store that the study's records are added to at its end, as --store has it: a file, relative "
         "to the document's folder, or postgresql://..."},
    {.name = "labels",
     .kind = MEMBER_OBJECT,
     .sentence = "labels of the runs in their records, as --label gives them: {\"commit\": \"1f3a\"}"},
    {.name = "configurations",
     .kind = MEMBER_LIST,
     .min = 1,
     .required = true,
     .sentence =
         "what is compared, 64 at the most: each a name, a file, or the configuration itself; one with "
         "\"places\" is compared at each of them, whose trials are taken in turn"},
};
const struct member_table study_members = {"study", rows, VMS_LENGTH(rows)};
