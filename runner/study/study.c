/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "common/locate.h"
#include "common/store_records.h"
#include "history/database/address.h"
#include "record/value.h"
#include "run/files/run_labels.h"
#include "study/study_entries.h"
#include "study/study_members.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

static const char *const clock_names[] = {"real-time", "instructions"};
static const char *const clock_words[] = {"real time", "instructions counted"};

const char *study_clock_name(enum study_clock clock) {
    return clock_names[clock];
}

const char *study_clock_words(enum study_clock clock) {
    return clock_words[clock];
}

static void read_clocks(const struct document *document, const struct study_overrides *overrides,
                        struct study *study) {
    char place[JSON_PATH_SIZE];
    const json_t *clocks = json_object_get(document->json, "clocks"), *clock;
    size_t index;

    for (size_t i = 0; i < STUDY_CLOCKS; i++)
        study->clocks[i] = overrides->clocks ? overrides->clocks[i] : !clocks;
    json_array_foreach (clocks, index, clock) {
        const char *name = json_is_string(clock) ? json_string_value(clock) : "";
        bool known = false;

        for (size_t i = 0; i < STUDY_CLOCKS; i++) {
            known |= strcmp(name, clock_names[i]) == 0;
            if (!overrides->clocks)
                study->clocks[i] |= strcmp(name, clock_names[i]) == 0;
        }
        json_path_element(place, "$.clocks", index);
        if (!known)
            document_problem(document, place, "must be \"real-time\" or \"instructions\"");
    }
}

/* Reads the suite, from wherever it stands, once for all configurations. */
static void read_suite(const struct document *document, const struct study_overrides *overrides,
                       const struct module_list *modules, struct study *study) {
    const json_t *given = json_object_get(document->json, "suite");
    const char *name = overrides->suite ? overrides->suite : json_string_value(given);
    cleanup_free char *file = NULL;
    struct document other = {0};
    struct suite suite = {0};
    struct vms_error error = {""};

    if (!overrides->suite && given && !json_is_object(given) && !json_is_string(given)) {
        document_problem(document, "$.suite", "must be a suite's name, its file, or the suite itself");
    } else if (!overrides->suite && json_is_object(given)) {
        suite_read(document, "$.suite", given, modules, &suite);
        study->suite = json_deep_copy(given);
    } else if (!name && !overrides->otherwise) {
        document_problem(document, "$", "lacks \"suite\", what is measured; or give --suite");
    } else {
        file = locate_document("suites", overrides->suite || !name ? NULL : document->file,
                               name ? name : overrides->otherwise, &error);
        if (!file) {
            document_problem(document, "$.suite", "%s", error.text);
        } else if ((overrides->suite ? document_read : document_read_named)(file, document->problems,
                                                                            &other) == 0) {
            suite_read(&other, "$", other.json, modules, &suite);
            study->suite = json_deep_copy(other.json);
            document_done(&other);
        }
    }
    if (suite.together)
        document_problem(
            document, "$.suite",
            "suite \"%s\" measures several places at the same time, but a study boots its guests one after "
            "the other: choose another suite",
            suite.name);
    suite_done(&suite);
}

static void read_goal(const struct document *document, const struct study_overrides *overrides,
                      struct study *study) {
    const char *find = members_text(document->json, "find");
    struct vms_error error;

    if (overrides->rounds)
        return;
    study->goal = overrides->goal;
    if (goal_is_set(&study->goal))
        return;
    if (find)
        (void)goal_parse_find(find, &study->goal.find, &error);
    study->goal.budget_s = members_seconds(document->json, "budget");
    if (goal_is_set(&study->goal) && json_object_get(document->json, "rounds"))
        document_problem(document, "$.rounds",
                         "fixes the number of boots: leave out \"find\" and \"budget\"");
}

/* The document's labels, and over their head those of the command line. */
static void read_labels(const struct document *document, const struct study_overrides *overrides,
                        struct study *study) {
    const json_t *given = json_object_get(document->json, "labels");
    struct vms_error error = {""};

    if (json_is_object(given) && run_labels_check(given, &error) < 0)
        document_problem(document, "$.labels", "%s", error.text);
    study->labels = json_is_object(given) ? json_copy((json_t *)given) : json_object();
    if (json_object_update(study->labels, (json_t *)overrides->labels) < 0 && overrides->labels)
        document_problem(document, "$.labels", ERROR_MEMORY);
}

static void read_store(const struct document *document, struct study *study) {
    const char *store = members_text(document->json, "store");

    if (store && *store && !(study->store = store_named(document->file, store)))
        document_problem(document, "$.store", "cannot be found: %s", strerror(errno));
}

/* So that a study that is continued has it, too: as a factor where a share would be hard to read, or less
 * than may be asked for. */
static int put_goal(json_t *json, const struct goal *goal) {
    char text[32];
    double again;
    int failed = 0;

    if (goal->find > 0) {
        (void)snprintf(text, sizeof(text), "%.12g%%", -100 * expm1(-goal->find));
        if (goal->find >= M_LN2 || goal_parse_find(text, &again, NULL) < 0)
            (void)snprintf(text, sizeof(text), "%.12gx", exp(goal->find));
        failed |= json_object_set_new(json, "find", json_string(text));
    }
    if (goal->budget_s > 0)
        failed |= json_object_set_new(json, "budget", json_real(goal->budget_s));
    return failed;
}

/* An address with a password is not written: others may read the study's folder. */
static int put_store(json_t *json, const char *store) {
    cleanup_free char *hidden = store ? strdup(store) : NULL;

    if (!store)
        return 0;
    if (!hidden)
        return -1;
    return address_hide(hidden) > 0 ? 0 : json_object_set_new(json, "store", json_string(store));
}

/* What the study comes to, so that it can be continued: the configurations themselves, not where they are. */
static json_t *resolve(const struct study *study, const json_t *description) {
    json_t *json = json_object(), *clocks = json_array(), *configurations = json_array();
    int failed = json_object_set_new(json, "study", json_string(study->name));

    for (size_t i = 0; i < STUDY_CLOCKS; i++)
        if (study->clocks[i])
            failed |= json_array_append_new(clocks, json_string(clock_names[i]));
    for (size_t i = 0; i < study->n_entries; i++) {
        json_t *copy;

        if (study->entries[i].lead != i)
            continue;
        copy = json_deep_copy(study->entries[i].configurations[STUDY_REAL_TIME].json);
        failed |= json_object_del(copy, "suite");
        failed |= json_array_append_new(configurations, copy);
    }
    if (description)
        failed |= json_object_set_new(json, "description", json_deep_copy(description));
    failed |= json_object_set(json, "suite", study->suite);
    failed |= put_store(json, study->store);
    if (json_object_size(study->labels) > 0)
        failed |= json_object_set(json, "labels", study->labels);
    failed |= put_goal(json, &study->goal);
    /* Where nobody gave a number, there are two. */
    if (study->rounds[STUDY_REAL_TIME] == study->rounds[STUDY_INSTRUCTIONS] && !goal_is_set(&study->goal))
        failed |= json_object_set_new(json, "rounds", json_integer(study->rounds[STUDY_REAL_TIME]));
    failed |= json_object_set_new(json, "baseline", json_string(study->entries[study->baseline].name));
    failed |= json_object_set_new(json, "seed", json_integer((json_int_t)study->seed));
    failed |= json_object_set_new(json, "clocks", clocks);
    failed |= json_object_set_new(json, "configurations", configurations);
    return value_finish(json, failed);
}

static void read_rounds(const struct document *document, const struct study_overrides *overrides,
                        struct study *study) {
    unsigned given = (unsigned)members_whole(document->json, "rounds", 0);

    if (overrides->rounds)
        given = overrides->rounds;
    study->rounds[STUDY_REAL_TIME] = given ? given : STUDY_ROUNDS;
    study->rounds[STUDY_INSTRUCTIONS] = given ? given : 1;
}

/* The entry of that name, or n_entries. */
static size_t find_entry(const struct study *study, const char *name) {
    size_t i = 0;

    while (i < study->n_entries && strcmp(study->entries[i].name, name) != 0)
        i++;
    return i;
}

/* What the others are compared with: as named, else "native", else the first. */
static void read_baseline(const struct document *document, const struct study_overrides *overrides,
                          struct study *study) {
    char phrase[SUGGEST_SIZE];
    const char *given = members_text(document->json, "baseline");
    const char *name = overrides->baseline ? overrides->baseline : given;
    const char *names[STUDY_CONFIGURATIONS_MAX];

    study->baseline = find_entry(study, name ? name : "native");
    if (study->baseline < study->n_entries)
        return;
    study->baseline = 0;
    if (!name)
        return;
    for (size_t i = 0; i < study->n_entries; i++)
        names[i] = study->entries[i].name;
    document_problem(document, "$.baseline", "\"%s\" is not a configuration of this study%s", name,
                     suggest_phrase(name, names, study->n_entries, phrase));
}

int study_read(const struct document *document, const struct study_overrides *overrides,
               const struct module_list *modules, struct study *ret_study) {
    size_t before = document->problems->n_problems;
    const char *name = members_text(document->json, "study");
    struct study study = {0};

    members_check(document, "$", document->json, &study_members);
    study.name = strdup(name ? name : "");
    read_rounds(document, overrides, &study);
    read_goal(document, overrides, &study);
    read_labels(document, overrides, &study);
    read_store(document, &study);
    study.seed = (uint64_t)members_whole(document->json, "seed", (json_int_t)randombytes_random());
    if (overrides->seed)
        study.seed = *overrides->seed;
    read_clocks(document, overrides, &study);
    read_suite(document, overrides, modules, &study);
    if (document->problems->n_problems == before)
        study_entries_read(document, modules, &study);
    if (document->problems->n_problems == before)
        read_baseline(document, overrides, &study);
    if (document->problems->n_problems == before)
        study.json = resolve(&study, json_object_get(document->json, "description"));
    *ret_study = study;
    return document->problems->n_problems == before ? 0 : -EINVAL;
}

void study_done(struct study *study) {
    study_entries_done(study);
    free(study->name);
    free(study->store);
    json_decref(study->labels);
    json_decref(study->json);
    json_decref(study->suite);
    *study = (struct study){0};
}
