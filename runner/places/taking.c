/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/taking.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/wait.h"
#include "common/signals.h"
#include "output/terminal.h"
#include "run/execute/wanted.h"

#include <math.h>
#include <poll.h>
#include <string.h>

#define PAUSE_NS (NS_PER_S / 2) /* before a place is reached for again; twice as long each time */
#define OVERLAP_LEAST 0.9 /* of trials at several places at once, of the time from the first to the last */

/* Waits before a place is reached for again; a signal ends it. */
static void pause_before(unsigned attempt) {
    struct pollfd signal = {.fd = signals_fd(), .events = POLLIN};

    (void)wait_poll(&signal, 1, clock_now_ns() + (uint64_t)PAUSE_NS * (1U << attempt), NULL);
}

/* Notes that the way to a place was cut, and why. */
static void note_loss(struct station *station, const struct turn *turn, const struct vms_error *reason) {
    const struct outcome_case *outcome = &station->run.cases[turn->index];

    (void)outcome_run_warn(&station->run, "the place was lost in trial %u of case %u (%s): %s", turn->trial,
                           outcome->id, outcome->group, reason->text);
    terminal_print(stderr, "vmsuite run: the place %s was lost in trial %u of %s: %s\n", station->place->text,
                   turn->trial, outcome->group, reason->text);
    station_leave(station);
}

void taking_rest(const struct tour *tour, struct station *station) {
    if (tour->n_stations > 1 && station->is_up)
        station->was_frozen |= channel_freeze(&station->channel);
}

/* Turns that are taken at the same time: one, or one of each place. */
struct group {
    struct tour *tour;
    const struct turn *turns;
    size_t n;
    struct outcome_trial *trials; /* owned; of each */
    size_t lost;                  /* the one whose place was lost */
};

static struct station *station_of(const struct group *group, size_t i) {
    return &group->tour->stations[group->turns[i].place];
}

static int reach_all(struct group *group, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < group->n; i++) {
        group->lost = i;
        if (!station_of(group, i)->is_up)
            status = station_reach(station_of(group, i), &group->tour->task, error);
    }
    return status;
}

/* So that the trials of all begin at the same time. */
static int prepare_all(struct group *group, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < group->n; i++) {
        group->lost = i;
        status = station_prepare(station_of(group, i), group->turns[i].index, error);
    }
    for (size_t i = 0; status == 0 && i < group->n; i++) {
        group->lost = i;
        status =
            station_await_prepared(station_of(group, i), &group->tour->task, group->turns[i].index, error);
    }
    return status;
}

static void drop_trials(struct group *group) {
    for (size_t i = 0; i < group->n; i++) {
        outcome_trial_done(&group->trials[i]);
        group->trials[i] = (struct outcome_trial){0};
    }
}

static int take_all(struct group *group, struct vms_error *error) {
    struct tour *tour = group->tour;
    uint64_t start_ns = clock_now_ns();
    double own_s = clock_own_s();
    int status = 0;

    for (size_t i = 0; status == 0 && i < group->n; i++) {
        group->lost = i;
        status = station_ask(station_of(group, i), group->turns[i].index, group->turns[i].trial, error);
    }
    for (size_t i = 0; status == 0 && i < group->n; i++) {
        group->lost = i;
        status = station_await_trial(station_of(group, i), &tour->task, group->turns[i].index,
                                     group->turns[i].trial, tour->start_s, &group->trials[i], error);
    }
    if (status < 0)
        drop_trials(group);
    tour->own_s += clock_own_s() - own_s;
    tour->taken_s += (double)(clock_now_ns() - start_ns) / NS_PER_S;
    return status;
}

/* Where one place of several was lost, the others may still be at it: they are left, too, and begin anew. */
static void leave_others(const struct group *group) {
    for (size_t i = 0; i < group->n; i++)
        if (i != group->lost)
            station_leave(station_of(group, i));
}

/* Takes the trials, and reaches for a place again where it is lost. -ECANCELED: a signal came. */
static int take(struct group *group, struct vms_error *error) {
    int status = 0;

    for (unsigned attempt = 0; attempt <= STATION_REACHES; attempt++) {
        status = reach_all(group, error);
        if (status == 0 && group->n > 1)
            status = prepare_all(group, error);
        if (status == 0)
            status = take_all(group, error);
        if (status == 0 || status == -ECANCELED || signals_count() > 0)
            return signals_count() > 0 && status < 0 ? -ECANCELED : status;
        note_loss(station_of(group, group->lost), &group->turns[group->lost], error);
        leave_others(group);
        /* Who breaks the rules is not asked again. */
        if (status != -ECONNRESET && status != -ETIMEDOUT)
            return status;
        if (attempt < STATION_REACHES)
            pause_before(attempt);
    }
    return status;
}

/* A place that cannot be reached any more: its trial is lost, and the others go on; what was to be taken at
 * all places at once is not. */
static int give_up(struct group *group, const struct vms_error *reason) {
    struct outcome_trial *trial = &group->trials[group->lost];
    struct station *station = station_of(group, group->lost);

    *trial = (struct outcome_trial){.trial = group->turns[group->lost].trial,
                                    .status = OUTCOME_LOST,
                                    .start_s = (double)clock_now_ns() / NS_PER_S - group->tour->start_s,
                                    .reason = strdup(reason->text)};
    station->is_lost = true;
    terminal_print(stderr, "vmsuite run: the place %s is given up; the others go on\n", station->place->text);
    return trial->reason ? 0 : -ENOMEM;
}

static void finish(struct station *station, const struct turn *turn) {
    struct vms_error error = {""};

    if (station->is_up && station_finish(station, turn->index, &error) < 0 && signals_count() == 0)
        note_loss(station, turn, &error);
}

/* Keeps a trial, which the case takes over. */
static int keep(struct group *group, size_t i, size_t number, struct vms_error *error) {
    struct tour *tour = group->tour;
    struct station *station = station_of(group, i);
    struct outcome_case *outcome = &station->run.cases[group->turns[i].index];
    struct outcome_trial *trial = &group->trials[i];
    int status = 0;

    trial->order = (unsigned)(number + i) + 1;
    if (trial->status != OUTCOME_LOST)
        status = journal_append(station->book.journal, outcome, trial, error);
    if (outcome_case_add(outcome, trial) < 0)
        return error_memory(error);
    if (wanted_no_more(outcome, group->turns[i].trial))
        finish(station, &group->turns[i]);
    station_progress_step(&tour->progress, tour->stations, &group->turns[i],
                          &outcome->trials[outcome->n_done - 1]);
    return status;
}

static struct outcome_case *case_of(const struct group *group, size_t i) {
    return &station_of(group, i)->run.cases[group->turns[i].index];
}

/* Whether the trials are to be taken: all of them, if any is wanted, and none of the places is gone. */
static bool is_wanted(const struct group *group) {
    bool wanted = false;

    if (case_of(group, 0)->together && group->n < group->tour->n_stations)
        return false; /* a place is done already: the others would be alone */
    for (size_t i = 0; i < group->n; i++) {
        struct station *station = station_of(group, i);
        struct outcome_case *outcome = case_of(group, i);

        if (station->is_lost || wanted_is_given_up(outcome))
            return false;
        wanted |= wanted_trial(outcome, group->turns[i].trial);
    }
    return wanted;
}

/* Ends the case of the place `i` as it was given up at the place `cause`. */
static int settle_like(struct group *group, size_t i, size_t cause, struct vms_error *error) {
    struct outcome_case *outcome = case_of(group, i);
    const struct outcome_case *given_up = case_of(group, cause);
    bool unsupported = given_up->trials[given_up->n_done - 1].status == OUTCOME_UNSUPPORTED;

    if (outcome->status != OUTCOME_OK || wanted_is_given_up(outcome) ||
        !wanted_trial(outcome, group->turns[i].trial))
        return 0;
    free(outcome->reason);
    outcome->reason = text_new("it was given up at the place %s, and is measured at all places or none",
                               station_of(group, cause)->place->name);
    if (!outcome->reason)
        return error_memory(error);
    outcome->status = unsupported ? OUTCOME_UNSUPPORTED : OUTCOME_FAILED;
    finish(station_of(group, i), &group->turns[i]);
    return journal_append_case(station_of(group, i)->book.journal, outcome, error);
}

/* Where a case that is to be run at all places at once was given up at one of them, it is over at the others,
 * too: no later run could take what is missing. */
static int settle_others(struct group *group, struct vms_error *error) {
    size_t cause = 0;
    int status = 0;

    while (cause < group->n && !wanted_is_given_up(case_of(group, cause)))
        cause++;
    for (size_t i = 0; cause < group->n && status == 0 && i < group->n; i++)
        status = settle_like(group, i, cause, error);
    return status;
}

/* Warns where trials that were to run at the same time did so for a part only: their case does a piece of
 * work, not what it can in a given time. */
static int note_overlap(const struct group *group) {
    double first_s = INFINITY, last_s = -INFINITY, from_s = -INFINITY, to_s = INFINITY, overlap;

    for (size_t i = 0; i < group->n; i++) {
        const struct outcome_trial *trial = &group->trials[i];

        if (trial->status != OUTCOME_OK)
            return 0;
        first_s = fmin(first_s, trial->start_s);
        from_s = fmax(from_s, trial->start_s);
        to_s = fmin(to_s, trial->start_s + trial->duration_s);
        last_s = fmax(last_s, trial->start_s + trial->duration_s);
    }
    overlap = fmax(to_s - from_s, 0) / (last_s - first_s);
    for (size_t i = 0; overlap < OVERLAP_LEAST && i < group->n; i++) {
        struct station *station = station_of(group, i);
        const struct outcome_case *outcome = &station->run.cases[group->turns[i].index];

        if (outcome_run_warn(&station->run,
                             "case %u (%s), trial %u: all places measured at the same time for only %.0f%% "
                             "of it",
                             outcome->id, outcome->group, group->trials[i].trial, 100 * overlap) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* A turn that is not taken. */
static void pass_over(struct group *group, size_t i) {
    station_progress_step(&group->tour->progress, group->tour->stations, &group->turns[i], NULL);
}

static int take_group(struct group *group, size_t number, struct vms_error *error) {
    struct vms_error reason = {""};
    bool has_lost;
    int status;

    station_progress_turn(&group->tour->progress, group->tour->stations, group->turns);
    status = take(group, &reason);
    if (status == -ECANCELED)
        return 0;
    has_lost = status < 0;
    if (has_lost ? give_up(group, &reason) < 0 : group->n > 1 && note_overlap(group) < 0)
        return error_memory(error);
    status = 0;
    for (size_t i = 0; status == 0 && i < group->n; i++) {
        if (!has_lost || i == group->lost)
            status = keep(group, i, number, error);
        else
            pass_over(group, i);
    }
    return status;
}

int taking_step(struct tour *tour, size_t *number, struct vms_error *error) {
    const struct turn *turns = tour->turns.turns + *number;
    struct group group = {.tour = tour, .turns = turns, .n = 1};
    int status = 0;
    bool wanted;

    while (tour->stations[turns->place].run.cases[turns->index].together &&
           *number + group.n < tour->turns.n_turns && turns[group.n].index == turns->index &&
           turns[group.n].trial == turns->trial)
        group.n++;
    group.trials = calloc(group.n, sizeof(*group.trials));
    if (!group.trials)
        return error_memory(error);
    wanted = is_wanted(&group);
    if (wanted)
        status = take_group(&group, *number, error);
    else
        status = settle_others(&group, error);
    if (!wanted)
        for (size_t i = 0; i < group.n; i++)
            pass_over(&group, i);
    for (size_t i = 0; i < group.n; i++)
        taking_rest(tour, station_of(&group, i));
    drop_trials(&group);
    free(group.trials);
    *number += group.n;
    return status;
}
