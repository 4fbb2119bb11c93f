/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/kinds.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "guest/launchers/launcher.h"

#include <string.h>

#define NAMES_MAX 64
/* What disk cases write to: in emulated machines a RAM disk, so that the host's own disk is not in the
 * figures. */
#define DISK "64MiB"

struct kind {
    const struct launcher *launcher; /* NULL: no guest, this machine */
    const struct launcher_kind *row;
};

static void add_name(const char *names[static NAMES_MAX], size_t *n, const char *name) {
    for (size_t i = 0; i < *n; i++)
        if (strcmp(names[i], name) == 0)
            return;
    if (*n < NAMES_MAX)
        names[(*n)++] = name;
}

/* All that a kind can be called, each once. */
static size_t collect_names(const char *names[static NAMES_MAX]) {
    size_t n = 0;

    add_name(names, &n, "here");
    for (size_t i = 0; launchers[i]; i++)
        for (size_t j = 0; launchers[i]->named_by_kind && launchers[i]->kinds[j].name; j++)
            add_name(names, &n, launchers[i]->kinds[j].name);
    for (size_t i = 0; launchers[i]; i++)
        if (!launcher_has_choice(launchers[i]))
            add_name(names, &n, launchers[i]->name);
    add_name(names, &n, "LAUNCHER/KIND");
    return n;
}

static int refuse(const char *word, struct vms_error *error) {
    const char *names[NAMES_MAX];
    char sentence[SUGGEST_SENTENCE_SIZE];
    size_t n = collect_names(names);

    if (!launchers[0])
        return error_set(error, -EINVAL, "no kind \"%s\": " LAUNCHERS_NONE, word);
    return error_set(error, -EINVAL, "a kind %s", suggest_choices(word, names, n, sentence));
}

static int find_kind(const char *word, struct kind *ret_kind, struct vms_error *error) {
    struct kind kind = {0};

    if (strcmp(word, "here") != 0 && (!launcher_named(word, &kind.launcher, &kind.row) || !kind.row))
        return refuse(word, error);
    *ret_kind = kind;
    return 0;
}

static json_t *new_configuration(const char *word, const struct kind *kind) {
    json_t *json, *name, *guest;

    if (!kind->launcher)
        return json_pack("{s:s}", "configuration", "here");
    name = !*kind->row->name   ? json_string(kind->launcher->name)
           : strchr(word, '/') ? json_sprintf("%s-%s", kind->launcher->name, kind->row->name)
                               : json_string(kind->row->name);
    json = json_pack("{s:o, s:{s:s}, s:{s:s, s:s, s:s}}", "configuration", name, "expect", "virtualization",
                     kind->row->virtualization, "guest", "launcher", kind->launcher->name, "disk", DISK,
                     "deadline", GUEST_DEADLINE_VISIT);
    guest = json_object_get(json, "guest");
    if (*kind->row->name)
        (void)json_object_set_new(guest, "kind", json_string(kind->row->name));
    if (kind->launcher->abilities & LAUNCHER_COUNTS)
        (void)json_object_set_new(guest, "backing", json_string("memory"));
    return json;
}

json_t *kinds_document(const char *list, struct vms_error *error) {
    json_t *configurations = json_array();
    json_auto_t *document = NULL;
    cleanup_free char *words = strdup(list);
    char *rest = words;

    document = json_pack("{s:s, s:o}", "study", "kinds", "configurations", configurations);
    for (char *word = strsep(&rest, ","); document && word; word = strsep(&rest, ",")) {
        struct kind kind = {0};

        if (find_kind(word, &kind, error) < 0)
            return NULL;
        (void)json_array_append_new(configurations, new_configuration(word, &kind));
    }
    if (!document)
        (void)error_memory(error);
    return TAKE(document);
}
