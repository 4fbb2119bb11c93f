/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/files/logbook.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "output/way.h"
#include "run/files/run_identity.h"

#include <math.h>
#include <string.h>

int logbook_begin(const char *folder, const struct logbook_suite *suite, struct outcome_run *run,
                  struct logbook *ret_book, struct vms_error *error) {
    json_auto_t *header = NULL;
    int status = run_files_name(folder, run->configuration, run->started_at, run->run_id, &ret_book->files);

    if (status == 0)
        status = plan_make(suite->suite, run, &ret_book->plan, error);
    if (status < 0)
        return status;
    header = run_identity_header(run, suite->json);
    return journal_create(ret_book->files.journal, header, &ret_book->journal, error);
}

/* When the last of the trials that the journal holds had ended, in seconds since the run's start. */
static double last_end_s(const struct outcome_run *run) {
    double last_s = 0;

    for (size_t i = 0; i < run->n_cases; i++)
        for (size_t k = 0; k < run->cases[i].n_done; k++)
            last_s = fmax(last_s, run->cases[i].trials[k].start_s + run->cases[i].trials[k].duration_s);
    return last_s;
}

/* Takes over what the journal holds. */
static int take_over(const struct logbook_suite *suite, const json_t *header, const json_t *lines,
                     struct outcome_run *run, struct logbook *book, struct vms_error *error) {
    const json_t *line;
    size_t index;
    int status;

    if (!json_equal(json_object_get(header, "suite"), suite->json))
        return error_set(
            error, -EINVAL,
            "%s was begun with another suite or other parameters; give those, or run without --resume",
            book->files.journal);
    status = run_identity_read(header, run, error);
    if (status == 0)
        status = plan_make(suite->suite, run, &book->plan, error);
    json_array_foreach (lines, index, line) {
        if (status == 0)
            status = journal_apply(run, line, error);
    }
    book->before_s = fmax(run_identity_elapsed(header), last_end_s(run));
    return status == 0 ? journal_open(book->files.journal, &book->journal, error) : status;
}

int logbook_resume(const char *folder, const struct logbook_suite *suite, struct outcome_run *run,
                   struct logbook *ret_book, struct vms_error *error) {
    json_auto_t *header = NULL, *lines = NULL;
    int status = run_files_find(folder, run->configuration, &run->set, &ret_book->files, error);

    if (status == 0)
        status = journal_read(ret_book->files.journal, &header, &lines, error);
    /* A set goes on with the run that it was at, and then with whole ones. */
    if (run->set.id[0] && (status == -ENOENT || (status == 0 && !run_identity_is_of_set(header, &run->set))))
        status = -ENODATA;
    else if (status == -ENODATA)
        (void)way_remove(ret_book->files.journal);
    if (status == -ENODATA) {
        run_files_done(&ret_book->files);
        status =
            run->set.id[0] ? run_files_hold(folder, run->configuration, suite->given, &run->set, error) : 0;
        return status == 0  ? logbook_begin(folder, suite, run, ret_book, error)
               : status > 0 ? -EALREADY
                            : status;
    }
    if (status == 0)
        status = take_over(suite, header, lines, run, ret_book, error);
    return status;
}

void logbook_discard(struct logbook *book) {
    if (book->journal)
        (void)way_remove(book->files.journal);
}

void logbook_done(struct logbook *book) {
    journal_close(book->journal);
    run_files_done(&book->files);
    plan_done(&book->plan);
    *book = (struct logbook){0};
}
