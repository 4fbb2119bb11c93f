/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/settings.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "guest/launchers/launcher.h"
#include "guest/launchers/tap.h"

#include <stdlib.h>
#include <string.h>

static const char *const keys[] = {"launcher", "kind",    "vcpus",   "memory",  "disk", "backing",  "cache",
                                   "devices",  "network", "bridge",  "address", "role", "peer",     "clock",
                                   "deadline", "kernel",  "drivers", "options", "uri",  "template", NULL};
static const char *const caches[] = {"none", "writeback", "writethrough", "directsync", "unsafe", NULL};
static const char *const devices[] = {"virtual", "emulated", NULL};
static const char *const networks[] = {"user", "none", "bridge", NULL};
static const char *const backings[] = {"file", "memory", NULL};
static const char *const peers[] = {"host", "hypervisor", NULL};
static const char *const roles[] = {"measures", "serves", NULL};
static const char *const clocks[] = {"real-time", "instructions", NULL};

#define MIB (UINT64_C(1) << 20)
#define MEMORY_MIN (128 * MIB)
#define SIZE_MAX_BYTES (UINT64_C(1) << 43)

/* One text of `choices`; `fallback` where it is absent or wrong. */
static const char *read_choice(const struct document *document, const char *path, const json_t *json,
                               const char *key, const char *const *choices, const char *fallback) {
    char member[JSON_PATH_SIZE], list[256] = "";
    const json_t *text = document_get(document, path, json, key, JSON_STRING, member);

    if (!text)
        return fallback;
    for (size_t i = 0; choices[i]; i++) {
        size_t length = strlen(list);

        if (strcmp(json_string_value(text), choices[i]) == 0)
            return choices[i];
        (void)snprintf(list + length, sizeof(list) - length, "%s%s", i ? ", " : "", choices[i]);
    }
    document_problem(document, member, "\"%s\" is none of %s", json_string_value(text), list);
    return fallback;
}

static uint64_t read_size(const struct document *document, const char *path, const json_t *json,
                          const char *key, uint64_t min, uint64_t fallback) {
    char member[JSON_PATH_SIZE];
    const json_t *text = document_get(document, path, json, key, JSON_STRING, member);
    struct vms_error error;
    uint64_t bytes = 0;

    if (!text)
        return fallback;
    if (units_parse_bytes(json_string_value(text), &bytes, &error) < 0)
        document_problem(document, member, "%s", error.text);
    else if (bytes < min || bytes > SIZE_MAX_BYTES)
        document_problem(document, member, "must be %ju MiB to 8 TiB", (uintmax_t)(min / MIB));
    else
        return bytes;
    return fallback;
}

static char *read_text(const struct document *document, const char *path, const json_t *json,
                       const char *key) {
    char member[JSON_PATH_SIZE];
    const json_t *text = document_get(document, path, json, key, JSON_STRING, member);

    return text ? strdup(json_string_value(text)) : NULL;
}

static unsigned read_deadline(const struct document *document, const char *path, const json_t *json) {
    cleanup_free char *text = read_text(document, path, json, "deadline");
    char member[JSON_PATH_SIZE];
    struct vms_error error;
    double seconds = 0;

    if (!text)
        return 900;
    (void)document_get(document, path, json, "deadline", JSON_STRING, member);
    if (units_parse_seconds(text, &seconds, &error) < 0)
        document_problem(document, member, "%s", error.text);
    else if (seconds < 1 || seconds > GUEST_DEADLINE_MAX_S)
        document_problem(document, member, "must be 1s to 24h");
    return (unsigned)seconds;
}

static void read_launcher(const struct document *document, const char *path, const json_t *json,
                          struct guest_settings *settings) {
    const char *names[LAUNCHERS_MAX + 1] = {NULL};
    const struct launcher *launcher;

    for (size_t i = 0; launchers[i]; i++)
        names[i] = launchers[i]->name;
    if (!json_object_get(json, "launcher"))
        document_problem(document, path, "lacks \"launcher\", what boots the guest");
    settings->launcher = strdup(read_choice(document, path, json, "launcher", names, names[0]));
    launcher = settings->launcher ? launcher_find(settings->launcher) : NULL;
    if (launcher && launcher->kinds)
        settings->kind =
            strdup(read_choice(document, path, json, "kind", launcher->kinds, launcher->kinds[0]));
    else if (json_object_get(json, "kind"))
        document_problem(document, path, "\"kind\": the launcher %s boots one kind of guest only",
                         settings->launcher);
    if (!settings->kind)
        settings->kind = strdup("");
}

static bool is_chosen(const struct document *document, const char *path, const json_t *json, const char *key,
                      const char *const *choices, const char *wanted) {
    return strcmp(read_choice(document, path, json, key, choices, choices[0]), wanted) == 0;
}

/* The bridge and the guest's address there belong together, and to that network alone. */
static void read_bridge(const struct document *document, const char *path, const json_t *json,
                        struct guest_settings *settings) {
    bool wanted = is_chosen(document, path, json, "network", networks, "bridge");

    settings->bridge = read_text(document, path, json, "bridge");
    settings->address = read_text(document, path, json, "address");
    if (wanted != (settings->bridge != NULL) || wanted != (settings->address != NULL))
        document_problem(
            document, path,
            "\"network\": \"bridge\" needs a \"bridge\" and an \"address\", and only it has them");
    else if (wanted && !tap_is_address(settings->address))
        document_problem(document, path, "\"address\": \"%s\" is none, such as \"192.0.2.2/24\"",
                         settings->address);
}

void guest_settings_read(const struct document *document, const char *path, const json_t *json,
                         struct guest_settings *ret_settings) {
    struct guest_settings settings = {.present = true};
    const struct launcher *launcher;

    document_check_keys(document, path, json, keys);
    read_launcher(document, path, json, &settings);
    launcher = settings.launcher ? launcher_find(settings.launcher) : NULL;
    settings.vcpus = (unsigned)document_get_integer(document, path, json, "vcpus", 1, GUEST_VCPUS_MAX, 1);
    settings.memory = read_size(document, path, json, "memory", MEMORY_MIN, 512 * MIB);
    settings.disk = read_size(document, path, json, "disk", 8 * MIB, 0);
    settings.cache = strdup(read_choice(document, path, json, "cache", caches, "none"));
    settings.disk_in_memory = is_chosen(document, path, json, "backing", backings, "memory");
    settings.emulated_devices = is_chosen(document, path, json, "devices", devices, "emulated");
    settings.network = !is_chosen(document, path, json, "network", networks, "none");
    read_bridge(document, path, json, &settings);
    settings.peer_inside = is_chosen(document, path, json, "peer", peers, "hypervisor");
    settings.icount = is_chosen(document, path, json, "clock", clocks, "instructions");
    settings.serves = is_chosen(document, path, json, "role", roles, "serves");
    if (settings.serves && (!settings.bridge || settings.icount))
        document_problem(document, path,
                         "\"role\": \"serves\" needs \"network\": \"bridge\" and a clock in real time, which "
                         "this host shares");
    if (settings.disk_in_memory && settings.disk == 0)
        document_problem(document, path, "\"backing\": \"memory\" needs the size of the \"disk\"");
    if (settings.peer_inside && !(launcher && launcher->emulated && launcher->shape))
        document_problem(document, path, "\"peer\": \"hypervisor\": only an emulated host has its own");
    if (settings.peer_inside && settings.bridge)
        document_problem(document, path, "\"peer\": \"hypervisor\" has no use for a bridge of this host");
    if (settings.icount && !(launcher && launcher->emulated))
        document_problem(document, path, "\"clock\": \"instructions\": only an emulator counts them");
    settings.deadline_s = read_deadline(document, path, json);
    settings.kernel = read_text(document, path, json, "kernel");
    settings.drivers = read_text(document, path, json, "drivers");
    settings.options = read_text(document, path, json, "options");
    settings.uri = read_text(document, path, json, "uri");
    settings.template = read_text(document, path, json, "template");
    if ((settings.uri || settings.template) && launcher != &launcher_libvirt)
        document_problem(document, path, "\"uri\" and \"template\" are the launcher libvirt's");
    *ret_settings = settings;
}

void guest_settings_done(struct guest_settings *settings) {
    free(settings->launcher);
    free(settings->kind);
    free(settings->cache);
    free(settings->bridge);
    free(settings->address);
    free(settings->kernel);
    free(settings->drivers);
    free(settings->options);
    free(settings->uri);
    free(settings->template);
    *settings = (struct guest_settings){0};
}
