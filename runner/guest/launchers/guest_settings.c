/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/guest_settings.h"

#include "base/cleanup.h"
#include "guest/launchers/launcher.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define TIB (UINT64_C(1) << 40)

enum {
    PARAM_VCPUS,
    PARAM_PIN,
    PARAM_MEMORY,
    PARAM_DISK,
    PARAM_BACKING,
    PARAM_FORMAT,
    PARAM_CACHE,
    PARAM_DEVICES,
    PARAM_QUEUES,
    PARAM_NETWORK,
    PARAM_BRIDGE,
    PARAM_ADDRESS,
    PARAM_VHOST,
    PARAM_ROLE,
    PARAM_PEER,
    PARAM_CLOCK,
    PARAM_LIFE,
    PARAM_DEADLINE,
    PARAM_KERNEL,
    PARAM_DRIVERS,
    PARAM_OPTIONS,
    PARAMS
};

#define CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct guest_param guest_params[PARAMS] = {
    [PARAM_VCPUS] = {"vcpus", GUEST_COUNT, "1", 1, 256, NULL, "How many processors it has.", 0},
    [PARAM_PIN] =
        {"pin", GUEST_CPUS, NULL, 0, 0, NULL,
         "Which of this host's processors it runs on, such as \"0-1\": each processor of the guest is bound "
         "to one of them, in turn, and its monitor's other threads to all of them. Left out: it runs on any "
         "that this program may use.",
         LAUNCHER_TUNES},
    [PARAM_MEMORY] = {"memory", GUEST_SIZE, "512MiB", 128 * MIB, 8 * TIB, NULL, "How much memory it has.", 0},
    [PARAM_DISK] = {"disk", GUEST_SIZE, NULL, 8 * MIB, 8 * TIB, NULL,
                    "The virtual disk that disk cases write to. Left out: they write to memory.", 0},
    [PARAM_BACKING] =
        {"backing", GUEST_CHOICE, "file", 0, 0, CHOICES("file", "memory"),
         "Where that disk is: a file on this host, or memory: a RAM disk beside the hypervisor (in the "
         "guest, where there is no hypervisor beside it), whose figures repeat when instructions are "
         "counted.",
         0},
    [PARAM_FORMAT] =
        {"format", GUEST_CHOICE, "raw", 0, 0, CHOICES("raw", "qcow2"),
         "The format of that disk's file: its blocks as they are, or QEMU's own, which needs qemu-img.",
         LAUNCHER_TUNES},
    [PARAM_CACHE] = {"cache", GUEST_CHOICE, "none", 0, 0,
                     CHOICES("none", "writeback", "writethrough", "directsync", "unsafe"),
                     "How the host caches that disk.", LAUNCHER_CACHE},
    [PARAM_DEVICES] =
        {"devices", GUEST_CHOICE, "virtual", 0, 0, CHOICES("virtual", "emulated"),
         "Disks and network card: made for guests (virtio), or those of a PC (IDE, e1000). On an emulated "
         "host, a Xen guest's kind decides it.",
         0},
    [PARAM_QUEUES] =
        {"queues", GUEST_COUNT, "0", 0, GUEST_QUEUES_MAX, NULL,
         "How many queues its disk has, and its card on a bridge; it uses no more of them than it has "
         "processors. 0: QEMU's default, for the disk one for each processor, and one for the card.",
         LAUNCHER_TUNES},
    [PARAM_NETWORK] = {"network", GUEST_CHOICE, "user", 0, 0, CHOICES("user", "none", "bridge"),
                       "How it reaches the peer on the host: QEMU's user network, a tap on a bridge of the "
                       "host, or not at all.",
                       0},
    [PARAM_BRIDGE] = {"bridge", GUEST_BRIDGE, NULL, 0, 0, NULL,
                      "With \"network\": \"bridge\": the bridge, which must exist and have an address "
                      "in the guest's network. The tap is made for the boot and removed after it.",
                      0},
    [PARAM_ADDRESS] = {"address", GUEST_ADDRESS, NULL, 0, 0, NULL,
                       "With \"network\": \"bridge\": the guest's own address, \"A.B.C.D/N\".", 0},
    [PARAM_VHOST] =
        {"vhost", GUEST_CHOICE, "off", 0, 0, CHOICES("off", "on"),
         "With \"network\": \"bridge\": who moves the packets of its card, its monitor or (on) the kernel of "
         "this host, which needs /dev/vhost-net.",
         LAUNCHER_TUNES},
    [PARAM_ROLE] = {"role", GUEST_CHOICE, "measures", 0, 0, CHOICES("measures", "serves"),
                    "Whether the guest measures, or serves this host, which measures as its client. Serving "
                    "needs \"network\": \"bridge\", the real-time clock, only cases that have a peer, and "
                    "nothing but the virtualization in \"expect\".",
                    0},
    [PARAM_PEER] =
        {"peer", GUEST_CHOICE, "host", 0, 0, CHOICES("host", "hypervisor"),
         "Where the peer of network cases is: on this host, or (emulated host) in the machine that the "
         "hypervisor runs on; without a hypervisor, it has a network namespace of its own there, behind a "
         "veth pair.",
         LAUNCHER_PEER_BESIDE},
    [PARAM_CLOCK] =
        {"clock", GUEST_CHOICE, "real-time", 0, 0, CHOICES("real-time", "instructions"),
         "\"instructions\": its clock counts instructions, so that figures repeat (emulators only).",
         LAUNCHER_COUNTS},
    [PARAM_LIFE] =
        {"life", GUEST_CHOICE, "boot", 0, 0, CHOICES("boot", "whole"),
         "How much of its life cycle is timed: its boot and stop, or \"whole\": when all is measured, its "
         "state is saved, too, and three guests are started from it, side by side. Needs the real-time "
         "clock and no bridge.",
         LAUNCHER_STATES},
    [PARAM_DEADLINE] =
        {"deadline", GUEST_SECONDS, GUEST_DEADLINE, 1, 86400, NULL,
         "It is killed after this time; sooner where its first process takes too long (a longer "
         "deadline gives that more time, too), or where it has been silent for far longer than "
         "its suite should take. (A KVM guest of an emulated host that counts instructions "
         "hangs or panics at times; it is then booted again, up to five times, with the same time "
         "for each boot.)",
         0},
    [PARAM_KERNEL] = {"kernel", GUEST_PATH, NULL, 0, 0, NULL, "A Linux bzImage instead of Debian's.", 0},
    [PARAM_DRIVERS] = {"drivers", GUEST_PATH, NULL, 0, 0, NULL,
                       "The drivers of that kernel, a folder like /lib/modules/RELEASE.", 0},
    [PARAM_OPTIONS] = {"options", GUEST_TEXT, NULL, 0, 0, NULL,
                       "Further words for the kernel's command line.", LAUNCHER_OPTIONS},
};
const size_t guest_n_params = PARAMS;

/* The value goes from the table to the settings. */
static char *take(struct guest_value *value) {
    return TAKE(value->text);
}

static void read_own(const struct document *document, const char *path, const json_t *json,
                     const struct launcher *launcher, struct guest_settings *settings) {
    for (size_t i = 0; launcher && launcher->params && launcher->params[i].name && i < GUEST_OWN_MAX; i++)
        settings->own[i] = guest_param_read(&launcher->params[i], document, path, json);
}

/* The section's keys: what all have, and what the launcher has for itself. */
static void check_keys(const struct document *document, const char *path, const json_t *json,
                       const struct launcher *launcher) {
    const char *keys[PARAMS + GUEST_OWN_MAX + 3] = {"launcher", "kind"};
    size_t n = 2;

    for (size_t i = 0; i < PARAMS; i++)
        keys[n++] = guest_params[i].name;
    for (size_t i = 0; launcher && launcher->params && launcher->params[i].name && i < GUEST_OWN_MAX; i++)
        keys[n++] = launcher->params[i].name;
    document_check_keys(document, path, json, keys);
}

static const struct launcher *read_launcher(const struct document *document, const char *path,
                                            const json_t *json, struct guest_settings *settings) {
    const char *names[LAUNCHERS_MAX + 1] = {NULL}, *kinds[LAUNCHER_KINDS_MAX + 1] = {NULL};
    struct guest_param param = {.name = "launcher", .kind = GUEST_CHOICE, .choices = names}, kind;
    const struct launcher *launcher;

    for (size_t i = 0; launchers[i]; i++)
        names[i] = launchers[i]->name;
    if (!json_object_get(json, "launcher"))
        document_problem(document, path, "lacks \"launcher\", what boots the guest");
    settings->launcher = guest_param_read(&param, document, path, json).text;
    launcher = settings->launcher ? launcher_find(settings->launcher) : NULL;
    if (launcher && launcher_has_choice(launcher)) {
        launcher_kind_names(launcher, kinds);
        kind = (struct guest_param){
            .name = "kind", .kind = GUEST_CHOICE, .fallback = kinds[0], .choices = kinds};
        settings->kind = guest_param_read(&kind, document, path, json).text;
    } else if (launcher && json_object_get(json, "kind")) {
        document_problem(document, path, "\"kind\": the launcher %s boots one kind of guest only",
                         settings->launcher);
    }
    if (!settings->kind)
        settings->kind = strdup("");
    return launcher;
}

static bool is_default(const struct guest_param *param, const struct guest_value *value) {
    if (!value->given)
        return true;
    if (param->kind == GUEST_COUNT)
        return value->number == strtoull(param->fallback, NULL, 10);
    return param->fallback && strcmp(value->text, param->fallback) == 0;
}

static void check_abilities(const struct document *document, const char *path,
                            const struct launcher *launcher, const struct guest_value *values) {
    for (size_t i = 0; i < PARAMS; i++) {
        const struct guest_param *param = &guest_params[i];

        if ((launcher->abilities & param->abilities) == param->abilities || is_default(param, &values[i]))
            continue;
        document_problem(document, path, "\"%s\": the launcher %s cannot do that%s%s%s%s%s", param->name,
                         launcher->name, i == PARAM_LIFE ? ": " : "",
                         i != PARAM_LIFE       ? ""
                         : launcher->stateless ? launcher->stateless
                                               : LAUNCHER_STATELESS,
                         param->fallback ? "; leave it out, or say \"" : "; leave it out",
                         param->fallback ? param->fallback : "", param->fallback ? "\"" : "");
    }
}

/* What tuning needs, whoever boots: a disk that is not there has neither a format nor queues. */
static void check_tuning(const struct document *document, const char *path,
                         const struct guest_settings *settings) {
    bool has_file = settings->disk > 0 && !settings->disk_in_memory;

    if (strcmp(settings->format, "raw") != 0 && !has_file)
        document_problem(document, path, "\"format\": \"%s\" needs the size of a \"disk\" that is a file",
                         settings->format);
    if (settings->queues > 0 && (settings->emulated_devices || (!has_file && !settings->bridge)))
        document_problem(
            document, path,
            "\"queues\" needs a \"disk\" that is a file, or a \"bridge\", and \"devices\": \"virtual\"");
    if (settings->vhost && (settings->emulated_devices || !settings->bridge))
        document_problem(document, path,
                         "\"vhost\": \"on\" needs \"network\": \"bridge\" and \"devices\": \"virtual\"");
}

/* What does not go together, whoever boots. */
static void check_together(const struct document *document, const char *path,
                           const struct guest_settings *settings, bool wants_bridge) {
    if (wants_bridge != (settings->bridge != NULL) || wants_bridge != (settings->address != NULL))
        document_problem(
            document, path,
            "\"network\": \"bridge\" needs a \"bridge\" and an \"address\", which no other network takes");
    if (settings->serves && (!settings->bridge || settings->icount))
        document_problem(document, path,
                         "\"role\": \"serves\" needs \"network\": \"bridge\" and \"clock\": \"real-time\", "
                         "which this host shares");
    if (settings->disk_in_memory && settings->disk == 0)
        document_problem(document, path, "\"backing\": \"memory\" needs the size of the \"disk\"");
    if (settings->whole_life && (settings->bridge || settings->icount))
        document_problem(document, path, "\"life\": \"whole\" needs \"clock\": \"real-time\" and no bridge");
    if (settings->peer_inside && settings->bridge)
        document_problem(document, path,
                         "\"peer\": \"hypervisor\" cannot be combined with a bridge of this host");
    check_tuning(document, path, settings);
}

/* What was read; texts change their owner. */
static void take_values(struct guest_value values[static PARAMS], struct guest_settings *settings) {
    settings->vcpus = (unsigned)values[PARAM_VCPUS].number;
    settings->memory = values[PARAM_MEMORY].number;
    settings->disk = values[PARAM_DISK].number;
    settings->disk_in_memory = values[PARAM_BACKING].number == 1;
    settings->cache = take(&values[PARAM_CACHE]);
    settings->format = take(&values[PARAM_FORMAT]);
    settings->queues = (unsigned)values[PARAM_QUEUES].number;
    settings->vhost = values[PARAM_VHOST].number == 1;
    settings->pin = take(&values[PARAM_PIN]);
    settings->emulated_devices = values[PARAM_DEVICES].number == 1;
    settings->network = values[PARAM_NETWORK].number != 1;
    settings->bridge = take(&values[PARAM_BRIDGE]);
    settings->address = take(&values[PARAM_ADDRESS]);
    settings->serves = values[PARAM_ROLE].number == 1;
    settings->peer_inside = values[PARAM_PEER].number == 1;
    settings->icount = values[PARAM_CLOCK].number == 1;
    settings->whole_life = values[PARAM_LIFE].number == 1;
    settings->deadline_s = (unsigned)values[PARAM_DEADLINE].number;
    settings->kernel = take(&values[PARAM_KERNEL]);
    settings->drivers = take(&values[PARAM_DRIVERS]);
    settings->options = take(&values[PARAM_OPTIONS]);
}

void guest_settings_read(const struct document *document, const char *path, const json_t *json,
                         struct guest_settings *ret_settings) {
    struct guest_settings settings = {.present = true};
    const struct launcher *launcher = launchers[0] ? read_launcher(document, path, json, &settings) : NULL;
    size_t before = document->problems->n_problems;
    struct guest_value values[PARAMS];
    struct vms_error error = {""};

    if (!launchers[0])
        document_problem(document, path, LAUNCHERS_NONE);
    check_keys(document, path, json, launcher);
    for (size_t i = 0; i < PARAMS; i++)
        values[i] = guest_param_read(&guest_params[i], document, path, json);
    read_own(document, path, json, launcher, &settings);
    if (launcher)
        check_abilities(document, path, launcher, values);
    take_values(values, &settings);
    check_together(document, path, &settings, values[PARAM_NETWORK].number == 2);
    for (size_t i = 0; i < PARAMS; i++)
        free(values[i].text);
    if (launcher && launcher->check && document->problems->n_problems == before &&
        launcher->check(&settings, &error) < 0)
        document_problem(document, path, "%s", error.text);
    *ret_settings = settings;
}

void guest_settings_done(struct guest_settings *settings) {
    free(settings->launcher);
    free(settings->kind);
    free(settings->cache);
    free(settings->format);
    free(settings->pin);
    free(settings->bridge);
    free(settings->address);
    free(settings->kernel);
    free(settings->drivers);
    free(settings->options);
    for (size_t i = 0; i < GUEST_OWN_MAX; i++)
        free(settings->own[i].text);
    *settings = (struct guest_settings){0};
}
