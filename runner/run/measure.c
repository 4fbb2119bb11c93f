/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/measure.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "common/children.h"
#include "common/exit_status.h"
#include "common/signals.h"
#include "record/store.h"
#include "record/table.h"
#include "run/execute.h"
#include "run/judge.h"
#include "run/local_peer.h"
#include "run/run_files.h"
#include "run/run_identity.h"

#include <math.h>
#include <string.h>

#define WARNINGS_SHOWN 20
#define CHILDREN_NS (5 * NS_PER_S) /* until what a killed keeper left is gone */

/* Everything that a run holds while it goes on. */
struct session {
    const struct configuration *configuration;
    const struct module_list *modules;
    const struct measure_options *options;
    char *folder;    /* of the record, the journal and, unless another is named, the scratch */
    bool own_folder; /* it was made for this run and goes with it */
    struct outcome_run run;
    struct plan plan;
    struct run_files files;
    struct journal *journal;
    struct scratch scratch;
    struct local_peer local_peer;
    struct peer_address peer;
    struct machine before, after;
    double before_s;
};

static int open_folder(struct session *session, struct vms_error *error) {
    const char *place = getenv("TMPDIR");

    session->own_folder = strcmp(session->options->output, "-") == 0;
    if (!session->own_folder) {
        session->folder = strdup(session->options->output);
        if (!session->folder)
            return error_memory(error);
        return store_make_folder(session->folder, error) < 0 ? -EIO
                                                             : store_check_writable(session->folder, error);
    }
    if (asprintf(&session->folder, "%s/vmsuite-XXXXXX", place && *place ? place : "/var/tmp") < 0)
        return error_memory(error);
    if (!mkdtemp(session->folder))
        return error_set(error, -errno, "%s cannot be made: %s; set TMPDIR to a folder that can be written",
                         session->folder, strerror(errno));
    return 0;
}

static int begin(struct session *session, struct vms_error *error) {
    const struct configuration *configuration = session->configuration;
    struct outcome_run *run = &session->run;
    json_t *header;
    int status =
        run_files_name(session->folder, run->configuration, run->started_at, run->run_id, &session->files);

    if (status == 0)
        status = plan_make(&configuration->suite, run, &session->plan, error);
    if (status < 0)
        return status;
    header = run_identity_header(run, configuration->suite_json);
    status = journal_create(session->files.journal, header, &session->journal, error);
    json_decref(header);
    return status;
}

/* Takes over what the journal holds. */
static int take_over(struct session *session, const json_t *header, const json_t *lines,
                     struct vms_error *error) {
    const struct configuration *configuration = session->configuration;
    const json_t *line;
    size_t index;
    int status;

    if (!json_equal(json_object_get(header, "suite"), configuration->suite_json))
        return error_set(
            error, -EINVAL,
            "%s was begun with another suite or other parameters; take those, or run without --resume",
            session->files.journal);
    status = run_identity_read(header, &session->run, error);
    if (status == 0)
        status = plan_make(&configuration->suite, &session->run, &session->plan, error);
    json_array_foreach (lines, index, line) {
        if (status == 0)
            status = journal_apply(&session->run, line, error);
    }
    session->before_s = difftime(time(NULL), session->run.started_at);
    return status == 0 ? journal_open(session->files.journal, &session->journal, error) : status;
}

/* Goes on with an unfinished run. One that was killed before it had a journal worth the name is begun anew.
 */
static int resume(struct session *session, struct vms_error *error) {
    json_t *header = NULL, *lines = NULL;
    int status = run_files_find(session->folder, session->run.configuration, &session->files, error);

    if (status == 0)
        status = journal_read(session->files.journal, &header, &lines, error);
    if (status == -ENODATA) {
        (void)unlink(session->files.journal);
        run_files_done(&session->files);
        return begin(session, error);
    }
    if (status == 0)
        status = take_over(session, header, lines, error);
    json_decref(header);
    json_decref(lines);
    return status;
}

static int start_peer(struct session *session, struct vms_error *error) {
    bool needed = false;

    for (size_t i = 0; i < session->run.n_cases; i++)
        needed = needed || (session->run.cases[i].module->needs & VMS_NEEDS_PEER);
    session->peer = session->configuration->peer;
    if (!needed || session->configuration->has_peer)
        return 0;
    return local_peer_start(session->modules, &session->local_peer, &session->peer, error);
}

/* Everything before the first trial. */
static int open_session(struct session *session, struct vms_error *error) {
    const char *root = session->configuration->scratch;
    cleanup_free char *place = NULL;
    int status = open_folder(session, error);

    if (status == 0)
        status = session->options->resume ? resume(session, error) : begin(session, error);
    if (status < 0)
        return status;
    place = realpath(root ? root : session->folder, NULL);
    if (!place)
        return error_set(error, -errno, "the scratch place %s: %s", root, strerror(errno));
    status = scratch_make(place, &session->scratch, error);
    if (status == 0 && session->plan.trouble[0])
        (void)outcome_run_warn(&session->run, "%s: its deadlines and the time left are guesses",
                               session->plan.trouble);
    if (status == 0 && session->scratch.others > 0)
        (void)outcome_run_warn(
            &session->run, "%u other run%s of vmsuite went on when this one began: they disturb each other",
            session->scratch.others, session->scratch.others == 1 ? "" : "s");
    return status == 0 ? start_peer(session, error) : status;
}

static int write_record(struct session *session, struct vms_error *error) {
    struct record_context context = {.suite = session->configuration->suite_json,
                                     .configuration = session->configuration->json,
                                     .before = &session->before,
                                     .after = &session->after};
    json_t *record = record_new(&session->run, &context);
    int status;

    if (!record)
        return error_set(error, -ENOMEM, "out of memory for the record; the journal %s is kept",
                         session->files.journal);
    status = store_write(session->files.record, record, error);
    if (status == 0 && session->own_folder) {
        (void)json_dumpf(record, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
        status = fflush(stdout) == 0 ? 0
                                     : error_set(error, -errno, "the record cannot be written to stdout: %s",
                                                 strerror(errno));
    }
    json_decref(record);
    return status;
}

/* A clock that runs wrong makes every rate wrong by as much. */
static void warn_of_clocks(struct outcome_run *run) {
    for (size_t i = 0; i < run->n_cases; i++) {
        const struct outcome_case *outcome = &run->cases[i];
        const struct clock_offset *worst = NULL;
        unsigned flagged = 0;

        for (size_t k = 0; k < outcome->n_done; k++) {
            const struct clock_offset *clock = &outcome->trials[k].clock;

            flagged += clock->flagged;
            if (clock->flagged && (!worst || fabs(clock->rate_ppm) > fabs(worst->rate_ppm)))
                worst = clock;
        }
        if (worst)
            (void)outcome_run_warn(
                run,
                "case %u (%s): the clocks of this machine and the peer do not agree in %u of %zu "
                "trials: the peer's runs up to %+.0f ppm (within %.0f ppm) against ours, or "
                "jumped by %g s; one side's rates are wrong by that",
                outcome->id, outcome->group, flagged, outcome->n_done, worst->rate_ppm, worst->rate_bound_ppm,
                worst->step_s);
    }
}

/* Everything that the finished run is to be warned of. */
static int judge(struct session *session) {
    const char *mismatch = session->configuration->claims.mismatch;
    int status = 0;

    if (mismatch)
        status = outcome_run_warn(&session->run, "this machine is not what the configuration claims: %s",
                                  mismatch);
    if (status == 0)
        status = judge_noise(&session->run);
    if (status == 0)
        status = judge_stability(&session->run);
    return status < 0 ? status : judge_changes(&session->run, &session->before, &session->after);
}

/* Reads the machine's facts, and remembers what that took. */
static int read_facts(struct session *session, struct machine *ret_machine) {
    struct machine_source source = machine_source_here();
    uint64_t start_ns = clock_now_ns();
    int status = machine_read(&source, session->scratch.folder, ret_machine);

    session->run.facts_s += (double)(clock_now_ns() - start_ns) / NS_PER_S;
    return status;
}

static int measure(struct session *session, struct vms_error *error) {
    struct progress progress;
    struct execution execution = {.run = &session->run,
                                  .plan = &session->plan,
                                  .scratch = &session->scratch,
                                  .destroys = session->configuration->destroys,
                                  .peer = &session->peer,
                                  .local_peer = &session->local_peer,
                                  .journal = session->journal,
                                  .progress = &progress,
                                  .retry_noisy = session->options->retry_noisy,
                                  .flags = session->configuration->claims.mismatch ? OUTCOME_MISMATCH : 0,
                                  .before_s = session->before_s};
    int status = read_facts(session, &session->before);
    int written;

    session->run.clock_cost_s = clock_cost_s();
    progress_begin(&progress, session->options->progress, &session->run, &session->plan);
    if (status == 0)
        status = execute(&execution, error);
    (void)read_facts(session, &session->after);
    warn_of_clocks(&session->run);
    if (status == 0)
        status = judge(session);
    written = write_record(session, status == 0 ? error : NULL);
    progress_end(&progress, written == 0 && !session->own_folder ? session->files.record : NULL);
    if (status == 0 && written == 0 && session->run.status != OUTCOME_INTERRUPTED)
        (void)unlink(session->files.journal);
    return status < 0 ? status : written;
}

static int exit_status(const struct outcome_run *run) {
    if (run->status == OUTCOME_INTERRUPTED)
        return EXIT_INTERRUPTED;
    return run->status == OUTCOME_OK ? EXIT_DONE : EXIT_FAILED;
}

static void report(const struct session *session) {
    if (session->options->quiet)
        return;
    table_print(stderr, &session->run);
    for (size_t i = 0; i < session->run.n_warnings && i < WARNINGS_SHOWN; i++)
        fprintf(stderr, "warning: %s\n", session->run.warnings[i]);
    if (session->run.n_warnings > WARNINGS_SHOWN)
        fprintf(stderr, "and %zu more warnings, in the record\n", session->run.n_warnings - WARNINGS_SHOWN);
    if (!session->own_folder)
        fprintf(stderr, "record: %s\n", session->files.record);
    if (session->run.status == OUTCOME_INTERRUPTED && !session->own_folder)
        fprintf(stderr, "interrupted: the same command with --resume goes on where this run stopped\n");
}

static void close_session(struct session *session) {
    local_peer_end(&session->local_peer);
    /* What lost both its process and that one's keeper came to us. */
    (void)children_end(clock_now_ns() + CHILDREN_NS);
    children_adopt(false);
    scratch_done(&session->scratch);
    journal_close(session->journal);
    if (session->own_folder && session->folder)
        scratch_remove(session->folder);
    run_files_done(&session->files);
    plan_done(&session->plan);
    outcome_run_done(&session->run);
    machine_done(&session->before);
    machine_done(&session->after);
    free(session->folder);
}

static int dry_run(const struct configuration *configuration, struct outcome_run *run) {
    struct vms_error error = {""};
    struct plan plan;

    if (plan_make(&configuration->suite, run, &plan, &error) < 0) {
        fprintf(stderr, "vmsuite run: %s\n", error.text);
        return EXIT_USAGE;
    }
    printf("configuration %s\n", configuration->name);
    plan_print(stdout, &plan, run, &configuration->suite);
    plan_done(&plan);
    return EXIT_DONE;
}

int measure_configuration(const struct configuration *configuration, const struct module_list *modules,
                          const struct measure_options *options) {
    struct session session = {.configuration = configuration, .modules = modules, .options = options};
    struct vms_error error = {""};
    int status = run_identity_new(configuration, options->has_seed ? &options->seed : NULL, &session.run),
        result;

    if (status < 0) {
        (void)error_memory(&error);
        result = EXIT_FAILED;
    } else if (options->dry_run) {
        result = dry_run(configuration, &session.run);
    } else {
        children_adopt(true);
        status = open_session(&session, &error);
        result = EXIT_USAGE;
        if (status == 0) {
            status = measure(&session, &error);
            result = status < 0 ? EXIT_FAILED : exit_status(&session.run);
            report(&session);
        } else if (session.journal && !options->resume) {
            (void)unlink(session.files.journal);
        }
    }
    if (status < 0)
        fprintf(stderr, "vmsuite run: %s\n", error.text);
    close_session(&session);
    return result;
}
