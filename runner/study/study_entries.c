/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study_entries.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "common/locate.h"
#include "guest/launchers/launcher.h"
#include "places/kinds/sweep.h"
#include "places/measure_places.h"
#include "record/value.h"

#include <errno.h>
#include <string.h>

/* Whether the guest that the configuration asks for can count instructions: QEMU must be its processor. */
static bool can_count(const json_t *json) {
    const char *name = json_string_value(json_object_get(json_object_get(json, "guest"), "launcher"));
    const struct launcher *launcher = name ? launcher_find(name) : NULL;

    return launcher && launcher->abilities & LAUNCHER_COUNTS;
}

/* Where instructions are counted, waiting for the real host is no time at all, and its answers come at
 * random: disk and peer are moved into the emulated machine. */
static void keep_inside(json_t *guest) {
    const struct launcher *launcher = launcher_find(json_string_value(json_object_get(guest, "launcher")));

    if (json_object_get(guest, "disk"))
        (void)json_object_set_new(guest, "backing", json_string("memory"));
    if (launcher->abilities & LAUNCHER_PEER_BESIDE)
        (void)json_object_set_new(guest, "peer", json_string("hypervisor"));
    else
        (void)json_object_set_new(guest, "network", json_string("none"));
}

/* The configuration with the study's suite, and for one clock. */
static json_t *adapt(const json_t *given, const json_t *suite, enum study_clock clock) {
    json_t *json = json_deep_copy(given), *guest = json_object_get(json, "guest");

    (void)json_object_del(json, "$schema");
    (void)json_object_del(json, "find"); /* the study says how many boots there are */
    (void)json_object_del(json, "budget");
    (void)json_object_set_new(json, "suite", json_deep_copy(suite));
    if (!can_count(json))
        return json;
    (void)json_object_set_new(guest, "clock", json_string(study_clock_name(clock)));
    if (clock == STUDY_INSTRUCTIONS)
        keep_inside(guest);
    return json;
}

static void check_name(const struct document *document, const struct study *study, size_t index) {
    const struct study_entry *entry = &study->entries[index];

    for (size_t i = 0; i < index; i++)
        if (strcmp(study->entries[i].name, entry->name) == 0)
            document_problem(document, entry->place.kind ? "$.places" : "$.configuration",
                             "\"%s\" is the name of another configuration of this study, too: their records "
                             "would be taken for the same%s",
                             entry->name, entry->place.kind ? "; name the place, as in \"web=PLACE\"" : "");
}

/* Its records are named as those of a run over places. */
static void name_entry(const struct document *document, struct study *study, size_t index) {
    struct study_entry *entry = &study->entries[index];
    const struct configuration *configuration = &entry->configurations[STUDY_REAL_TIME];
    struct vms_error error = {ERROR_MEMORY};
    int status = 0;

    if (entry->place.kind)
        status = measure_places_name(configuration, &entry->place, &entry->name, &error);
    else if (!(entry->name = strdup(configuration->name)))
        status = -ENOMEM;
    if (status < 0)
        document_problem(document, "$.places", "%s", error.text);
    else
        check_name(document, study, index);
}

static struct study_entry *add_entry(const struct document *document, struct study *study) {
    struct study_entry *grown;

    if (study->n_entries == STUDY_CONFIGURATIONS_MAX) {
        document_problem(document, "$.places", "the study has more than %d configurations and places",
                         STUDY_CONFIGURATIONS_MAX);
        return NULL;
    }
    grown = reallocarray(study->entries, study->n_entries + 1, sizeof(*grown));
    if (!grown) {
        document_problem(document, "$", "cannot be read: out of memory");
        return NULL;
    }
    study->entries = grown;
    grown[study->n_entries] = (struct study_entry){.lead = study->n_entries};
    return &grown[study->n_entries++];
}

/* Reads one configuration for each clock; where the first is wrong, the second would be wrong in the same
 * way. Takes the place over (NULL: none). */
static void read_entry(const struct document *document, const struct module_list *modules,
                       struct place *place, struct study *study) {
    const struct configuration_overrides none = {0};
    size_t before = document->problems->n_problems;
    struct study_entry *entry = add_entry(document, study);

    if (entry && place) {
        entry->place = *place;
        *place = (struct place){.kind = NULL};
    }
    for (int i = 0; i < STUDY_CLOCKS && document->problems->n_problems == before; i++) {
        struct document adapted = *document;

        if (i == STUDY_INSTRUCTIONS && !can_count(document->json))
            continue;
        adapted.json = adapt(document->json, study->suite, (enum study_clock)i);
        (void)configuration_read_from(&adapted, &none, modules, &entry->configurations[i]);
        json_decref(adapted.json);
        entry->has[i] = study->clocks[i];
    }
    if (document->problems->n_problems == before)
        name_entry(document, study, study->n_entries - 1);
}

/* Returns how many there are; what is wrong with others is said. */
static size_t read_places(const struct document *document, const struct argv *texts,
                          struct place *ret_places) {
    struct vms_error error = {""};
    size_t n = 0;

    for (size_t i = 0; i < texts->n_words; i++) {
        if (place_read(texts->words[i], &ret_places[n], &error) < 0)
            document_problem(document, "$.places", "%s", error.text);
        else
            n++;
    }
    return n;
}

/* The texts of those that take turns. */
static json_t *texts_in_turn(const struct place *places, size_t n) {
    json_t *texts = json_array();
    int failed = 0;

    for (size_t i = 0; i < n; i++)
        if (!places[i].kind->is_visited)
            failed |= json_array_append_new(texts, json_string(places[i].text));
    return value_finish(texts, failed);
}

/* An entry for each place, whose configuration names the places that are visited with it. Takes them over. */
static void read_entries(const struct document *document, const struct module_list *modules,
                         struct place *places, size_t n, struct study *study) {
    json_auto_t *in_turn = texts_in_turn(places, n);
    size_t before = document->problems->n_problems, lead = STUDY_CONFIGURATIONS_MAX;

    for (size_t i = 0; i < n && document->problems->n_problems == before; i++) {
        bool is_visited = places[i].kind->is_visited;
        json_t *texts = is_visited ? json_pack("[s]", places[i].text) : json_incref(in_turn);
        json_auto_t *json = json_copy(document->json);
        struct document part = *document;

        part.json = json;
        if (json_object_set_new(json, "places", texts) < 0)
            document_problem(document, "$", "cannot be read: out of memory");
        else
            read_entry(&part, modules, &places[i], study);
        if (is_visited || document->problems->n_problems > before)
            continue;
        if (lead == STUDY_CONFIGURATIONS_MAX)
            lead = study->n_entries - 1;
        study->entries[study->n_entries - 1].lead = lead;
    }
}

static void read_at_places(const struct document *document, const struct module_list *modules,
                           const struct argv *texts, struct study *study) {
    cleanup_free struct place *places = calloc(texts->n_words + 1, sizeof(*places));
    size_t n = 0;

    if (!places) {
        document_problem(document, "$", "cannot be read: out of memory");
        return;
    }
    n = read_places(document, texts, places);
    if (n == texts->n_words)
        read_entries(document, modules, places, n, study);
    for (size_t i = 0; i < n; i++)
        if (places[i].kind)
            place_done(&places[i]);
}

/* Reads a configuration, which is measured here, in its guest, or at each of its places. */
static void read_configuration(const struct document *document, const struct module_list *modules,
                               struct study *study) {
    const json_t *places = json_object_get(document->json, "places"), *place;
    const char *without = json_object_get(document->json, "guest")      ? "guest"
                          : json_object_get(document->json, "destroys") ? "destroys"
                                                                        : NULL;
    struct vms_error error = {ERROR_MEMORY};
    struct argv texts = {0};
    bool is_text = json_array_size(places) > 0;
    int status = 0;
    size_t index;

    json_array_foreach (places, index, place)
        is_text = is_text && json_is_string(place);
    if (!is_text) { /* mistakes in it are those of any configuration */
        read_entry(document, modules, NULL, study);
        return;
    }
    if (without)
        document_problem(document, "$.places", "a run over places takes no \"%s\"", without);
    json_array_foreach (places, index, place)
        if (!without && status == 0)
            status = sweep_expand(json_string_value(place), &texts, &error);
    if (status < 0)
        document_problem(document, "$.places", "%s", error.text);
    else if (!without)
        read_at_places(document, modules, &texts, study);
    argv_done(&texts);
}

/* A configuration that is a file of its own. */
static void read_file(const struct document *study_document, const char *place, const char *name,
                      const struct module_list *modules, struct study *study) {
    struct vms_error error = {""};
    cleanup_free char *file = locate_document("configurations", study_document->file, name, &error);
    struct document document;

    if (!file) {
        document_problem(study_document, place, "%s", error.text);
    } else if (document_read_named(file, study_document->problems, &document) == 0) {
        read_configuration(&document, modules, study);
        document_done(&document);
    }
}

void study_entries_read(const struct document *document, const struct module_list *modules,
                        struct study *study) {
    char place[JSON_PATH_SIZE];
    const json_t *list = json_object_get(document->json, "configurations");
    const json_t *given;
    size_t index;

    if (json_array_size(list) > STUDY_CONFIGURATIONS_MAX) {
        document_problem(document, "$.configurations", "must hold 1 to %d", STUDY_CONFIGURATIONS_MAX);
        return;
    }
    json_array_foreach (list, index, given) {
        struct document part = *document;

        json_path_element(place, "$.configurations", index);
        part.json = (json_t *)given;
        part.root = place;
        if (json_is_string(given))
            read_file(document, place, json_string_value(given), modules, study);
        else if (json_is_object(given))
            read_configuration(&part, modules, study);
        else
            document_problem(document, place, "must be a configuration, its name or its file");
    }
}

void study_entries_done(struct study *study) {
    for (size_t i = 0; i < study->n_entries; i++) {
        for (size_t j = 0; j < STUDY_CLOCKS; j++)
            configuration_done(&study->entries[i].configurations[j]);
        free(study->entries[i].name);
        place_done(&study->entries[i].place);
    }
    free(study->entries);
}
