/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From JSON text to the view. */
#ifndef VMSUITE_RESULTS_RECORD_VIEW_VIEW_READ_H
#define VMSUITE_RESULTS_RECORD_VIEW_VIEW_READ_H

#include "record/text/scan.h"
#include "record/view/view.h"

/* A case being read: what the view lends as const. */
struct view_reading {
    struct scan *scan;
    struct view_case *outcome;
    struct view_metric *metrics;
    struct view_trial *trials;
};

/* Reads the case that the scan begins with, up to the end of its text. A failure is noted in the scan, whose
 * arena is the case's own. */
void view_read_case(struct scan *scan, struct view_case *ret_case);
/* Reads it up to its parameters, and leaves what comes behind them. */
void view_read_params(struct scan *scan, struct view_case *ret_case);

/* Reads a case that is a tree of Jansson's. -EINVAL, -ENOMEM with a sentence. */
int view_read_json(const json_t *json, struct view_case *ret_case, struct vms_error *error);

/* Reads a word that comes from a closed list: 0 with its value, or -EINVAL. */
typedef int view_word_reader(const char *word, int *ret);

/* Makes one, `name`, of a function that finds the value of an enum by its name. */
#define VIEW_WORD_READER(type, name, function)                                                               \
    static int name(const char *word, int *ret) {                                                            \
        enum type value;                                                                                     \
        int status = function(word, &value);                                                                 \
                                                                                                             \
        if (status == 0)                                                                                     \
            *ret = (int)value;                                                                               \
        return status;                                                                                       \
    }

/* The value of the word that stands here; `what` it should be is for a sentence. */
int view_read_word(struct scan *scan, view_word_reader *reader, const char *what);

/* Of a case: each is held against the others. */
#define VIEW_METRICS_MAX 1000
/* Whether there is room for one more; else the scan has failed. */
bool view_metrics_fit(struct scan *scan, size_t n_metrics);

/* Reads the array of summaries that begins here: a metric for each. */
struct view_metric *view_read_summaries(struct scan *scan, size_t *ret_n);
/* Puts the metrics in the order of the summaries, with those behind that trials alone have. */
void view_settle_metrics(struct view_reading *reading, struct view_metric *summaries, size_t n_summaries);

/* Reads the array of trials that begins here. */
void view_read_trials(struct view_reading *reading);
/* The index of the metric of that name, which is new perhaps; `expected` is tried first. */
size_t view_find_metric_name(struct view_reading *reading, const char *name, size_t expected);
/* Reads an array of {"key", "value"}. */
const struct view_fact *view_read_facts(struct scan *scan, size_t *ret_n);
/* Reads a scalar of any kind. */
struct view_value view_read_value(struct scan *scan);
/* A role by its name; one that this version does not know is PLAIN. */
enum vms_role view_role(const char *name);
/* Reads a status by its name. */
enum outcome_status view_read_status(struct scan *scan);

/* Fills the head from the record's document (all its members but "cases"), which it takes over in any case.
 * -EINVAL with a static sentence. -ENOMEM. The caller frees with view_head_done, also after a failure. */
int view_read_head(json_t *document, struct view_head *ret_head, const char **ret_sentence);
void view_head_done(struct view_head *head);

#endif
