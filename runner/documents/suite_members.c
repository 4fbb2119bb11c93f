/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a suite may say, for its reader, the manual and the schema. */
#include "documents/suite.h"

#include "base/cpus.h"

static int check_cpus(const char *text, struct vms_error *error) {
    cpu_set_t set;

    return cpus_parse(text, &set, error);
}

static const char *const auto_words[] = {"auto", NULL};
static const char *const orders[] = {"random", "sequential", NULL};

static const struct member benchmark_rows[] = {
    {.name = "group",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .required = true,
     .sentence = "the name that its results go by"},
    {.name = "module",
     .kind = MEMBER_TEXT,
     .required = true,
     .sentence = "the name of a module (`vmsuite list` shows them)"},
    {.name = "params",
     .kind = MEMBER_OBJECT,
     .sentence =
         "the parameters that differ from the module's defaults, by name; a list of values is swept: one "
         "case per combination"},
    {.name = "trials",
     .kind = MEMBER_WHOLE,
     .min = 1,
     .max = SUITE_TRIALS_MAX,
     .words = auto_words,
     .sentence = "trials of each of these cases that count, instead of the suite's"},
    {.name = "warmup",
     .kind = MEMBER_WHOLE,
     .max = SUITE_WARMUP_MAX,
     .sentence = "trials before these, instead of the suite's"},
    {.name = "deadline",
     .kind = MEMBER_TIME,
     .sentence =
         "how long one trial may last, in seconds or as text (\"90s\", \"5min\"), instead of what the "
         "module's estimate suggests"},
    {.name = "cpus",
     .kind = MEMBER_TEXT,
     .check = check_cpus,
     .sentence = "processors that these cases may use, such as \"0\", \"0-1\" or \"0,2\", instead of all"},
};
static const struct member_table benchmark_members = {"benchmark", benchmark_rows,
                                                      VMS_LENGTH(benchmark_rows)};

static const struct member suite_rows[] = {
    {.name = "$schema", .kind = MEMBER_TEXT, .sentence = "the address of the schema, for editors; not read"},
    {.name = "suite",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .required = true,
     .sentence = "the suite's name"},
    {.name = "description", .kind = MEMBER_TEXT, .sentence = "what the suite is for, in a sentence or two"},
    {.name = "trials",
     .kind = MEMBER_WHOLE,
     .min = 1,
     .max = SUITE_TRIALS_MAX,
     .words = auto_words,
     .fallback = "10",
     .sentence =
         "trials of each case that count; \"auto\": 5 and more, until the 95% interval of the headline's "
         "mean is within 2% of it, at most 100"},
    {.name = "warmup",
     .kind = MEMBER_WHOLE,
     .max = SUITE_WARMUP_MAX,
     .fallback = "1",
     .sentence = "trials of each case before these, which do not count"},
    {.name = "order",
     .kind = MEMBER_CHOICE,
     .words = orders,
     .fallback = "\"random\"",
     .sentence =
         "random: the trials of all cases are interleaved in random order, so that drift of the machine "
         "falls on all alike; sequential: one case after the other"},
    {.name = "together",
     .kind = MEMBER_FLAG,
     .fallback = "false",
     .sentence =
         "each case is run at each place alone and at all places of the run at the same time, so that what "
         "they cost each other shows; for runs over several places"},
    {.name = "seed",
     .kind = MEMBER_WHOLE,
     .max = INT64_MAX,
     .sentence = "seed of the order and of each case; random unless given, and recorded"},
    {.name = "benchmarks",
     .kind = MEMBER_LIST,
     .min = 1,
     .members = &benchmark_members,
     .required = true,
     .sentence = "what is measured, a list of benchmarks"},
};
const struct member_table suite_members = {"suite", suite_rows, VMS_LENGTH(suite_rows)};
