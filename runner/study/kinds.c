/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/kinds.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "guest/launchers/launcher.h"

#include <string.h>

#define EMULATED_HOST "emulated-host"
#define NAMES_MAX 64
/* What disk cases write to: in emulated machines a RAM disk, so that the host's own disk is not in the
 * figures.
 */
#define DISK "64MiB"
/* The slowest kind with the longest suite, on a busy machine. */
#define DEADLINE "30min"

/* What has to be detected in a guest, so that no record goes by a wrong name. Kinds that are not listed are
 * detected as what they are called. */
static const struct {
    const char *launcher, *kind, *virtualization; /* kind NULL: all of the launcher */
} expected[] = {
    {EMULATED_HOST, "native", "qemu"}, {EMULATED_HOST, "xen-pvhvm", "xen-hvm"},
    {"qemu-tcg", NULL, "qemu"},        {"xen", "pv", "xen-pv"},
    {"xen", "pvh", "xen-pvh"},         {"xen", "hvm", "xen-hvm"},
};

struct kind {
    const struct launcher *launcher; /* NULL: no guest, this machine */
    const char *kind;                /* NULL: the launcher boots one thing only */
};

static bool boots(const struct launcher *launcher, const char *kind) {
    if (!launcher->kinds)
        return strcmp(launcher->name, kind) == 0;
    for (size_t i = 0; launcher->kinds[i]; i++)
        if (strcmp(launcher->kinds[i], kind) == 0)
            return true;
    return false;
}

/* All that a kind can be called. */
static size_t collect_names(const char *names[static NAMES_MAX]) {
    const struct launcher *host = launcher_find(EMULATED_HOST);
    size_t n = 0;

    names[n++] = "here";
    for (size_t i = 0; host && host->kinds[i] && n < NAMES_MAX; i++)
        names[n++] = host->kinds[i];
    for (size_t i = 0; launchers[i] && n < NAMES_MAX; i++)
        if (!launchers[i]->kinds)
            names[n++] = launchers[i]->name;
    return n;
}

static int refuse(const char *word, struct vms_error *error) {
    const char *names[NAMES_MAX], *nearest;
    size_t n = collect_names(names);
    cleanup_free char *list = NULL;
    size_t size;
    FILE *file = open_memstream(&list, &size);

    for (size_t i = 0; file && i < n; i++)
        fprintf(file, "%s%s", i > 0 ? ", " : "", names[i]);
    if (file)
        (void)fclose(file);
    nearest = suggest_nearest(word, names, n);
    return error_set(error, -EINVAL, "no kind \"%s\"%s%s%s; there are %s, and LAUNCHER/KIND", word,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
                     list ? list : "");
}

static int find_kind(const char *word, struct kind *ret_kind, struct vms_error *error) {
    const char *slash = strchr(word, '/'), *kind = slash ? slash + 1 : word;
    const struct launcher *launcher = launcher_find(EMULATED_HOST);

    if (strcmp(word, "here") == 0) {
        *ret_kind = (struct kind){0};
        return 0;
    }
    if (slash) {
        cleanup_free char *name = strndup(word, (size_t)(slash - word));

        launcher = name ? launcher_find(name) : NULL;
    } else if (!launcher || !boots(launcher, kind)) {
        launcher = launcher_find(word);
    }
    if (!launcher || !boots(launcher, kind))
        return refuse(word, error);
    *ret_kind = (struct kind){launcher, launcher->kinds ? kind : NULL};
    return 0;
}

static const char *expect(const struct kind *kind) {
    for (size_t i = 0; i < VMS_LENGTH(expected); i++)
        if (strcmp(expected[i].launcher, kind->launcher->name) == 0 &&
            (!expected[i].kind || (kind->kind && strcmp(expected[i].kind, kind->kind) == 0)))
            return expected[i].virtualization;
    return kind->kind ? kind->kind : kind->launcher->name;
}

static json_t *new_configuration(const char *word, const struct kind *kind) {
    json_t *json, *name;

    if (!kind->launcher)
        return json_pack("{s:s}", "configuration", "here");
    name = !kind->kind         ? json_string(kind->launcher->name)
           : strchr(word, '/') ? json_sprintf("%s-%s", kind->launcher->name, kind->kind)
                               : json_string(kind->kind);
    json = json_pack("{s:o, s:{s:s}, s:{s:s, s:s, s:s}}", "configuration", name, "expect", "virtualization",
                     expect(kind), "guest", "launcher", kind->launcher->name, "disk", DISK, "deadline",
                     DEADLINE);
    if (kind->kind)
        (void)json_object_set_new(json_object_get(json, "guest"), "kind", json_string(kind->kind));
    if (kind->launcher->emulated)
        (void)json_object_set_new(json_object_get(json, "guest"), "backing", json_string("memory"));
    return json;
}

json_t *kinds_document(const char *list, struct vms_error *error) {
    json_t *configurations = json_array(), *document;
    cleanup_free char *words = strdup(list);
    char *rest = words;

    document = json_pack("{s:s, s:o}", "study", "kinds", "configurations", configurations);
    for (char *word = strsep(&rest, ","); document && word; word = strsep(&rest, ",")) {
        struct kind kind = {0};

        if (find_kind(word, &kind, error) < 0) {
            json_decref(document);
            return NULL;
        }
        (void)json_array_append_new(configurations, new_configuration(word, &kind));
    }
    if (!document)
        (void)error_memory(error);
    return document;
}
