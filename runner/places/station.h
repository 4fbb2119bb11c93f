/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A place in a run: its agent, its run with a journal and a record of its own. */
#ifndef VMSUITE_RUNNER_PLACES_STATION_H
#define VMSUITE_RUNNER_PLACES_STATION_H

#include "documents/configuration.h"
#include "places/channel.h"
#include "run/files/logbook.h"
#include "run/files/run_identity.h"
#include "run/notice/closing.h"
#include "run/peer/local_peer.h"
#include "source/cgroup.h"

/* How often in a row vmsuite tries to reach a place that was lost. */
#define STATION_REACHES 3

struct station {
    const struct place *place; /* borrowed */
    struct channel channel;
    bool is_up;   /* trials can be taken */
    bool is_done; /* the set's run of this place is written already: there is nothing to do */
    bool is_lost; /* for good */
    struct outcome_run run;
    struct logbook book;
    json_t *machines[2]; /* before and after, as records have them; NULL: not taken */
    char boot[RUN_IDENTITY_BOOT_SIZE];
    char cpu_group_id[CGROUP_ID_SIZE]; /* of the group by which it shares processor time: cgroup.h */
    bool was_frozen;                   /* at least once, while another place had its turn */
    double asked_s;                    /* when the trial that runs was asked for */
    char *mismatch; /* what the place does not have that is expected of it; NULL: all is as expected */
    struct closing_kinds kinds;
    struct driven_guest *guest; /* owned: that the place is; NULL: it is none */
    struct local_peer peer;     /* beside that guest, with the address that it has there (NULL: none) */
    json_t *guest_peer;
};

/* What is the same at all places. Borrowed. */
struct station_task {
    const struct configuration *configuration;
    const struct bundle *bundle;
    const json_t *peer; /* as "open" has it, or NULL */
    bool allow_mismatch;
    unsigned retry_noisy;
};

/* Where the place is a guest: gets all ready for its boots, with the image of another station's where that is
 * the same (NULL: there is none), and the peer beside it where no other is given. -errno with a sentence. */
int station_find_guest(struct station *station, const struct station_task *task, const struct station *other,
                       struct vms_error *error);

/* Starts the place's agent and opens the run there: machine, files of modules and warnings are noted, or,
 * where it was reached before, compared with what was noted. As channel_open; -EPROTO for what no agent says.
 * Where the place is not what is expected, station->mismatch says so. */
int station_reach(struct station *station, const struct station_task *task, struct vms_error *error);

/* Makes the case's process ready, for trials at several places at once; waits until it is; asks for a trial;
 * waits for it, whose start_s then counts from `start_s`. -ECONNRESET, -EPROTO, -EREMOTEIO, -ETIMEDOUT: the
 * place is lost, with the reason; -ECANCELED: a signal came. */
int station_prepare(struct station *station, size_t index, struct vms_error *error);
int station_await_prepared(struct station *station, const struct station_task *task, size_t index,
                           struct vms_error *error);
int station_ask(struct station *station, size_t index, unsigned trial, struct vms_error *error);
int station_await_trial(struct station *station, const struct station_task *task, size_t index,
                        unsigned trial, double start_s, struct outcome_trial *ret_trial,
                        struct vms_error *error);

/* The longest that a trial may take there: it is prepared, warmed up, and repeated where it was noisy. */
uint64_t station_limit_ns(const struct outcome_case *outcome, unsigned retry_noisy);

/* Tells the place that a case's last trial was run. As station_ask. */
int station_finish(struct station *station, size_t index, struct vms_error *error);

/* Ends the run there, and takes the machine's facts again. As station_ask. */
int station_end(struct station *station, struct vms_error *error);

/* Lets the place go: whatever its agent is at ends. The rest stays. */
void station_leave(struct station *station);

void station_done(struct station *station);

#endif
