/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/guest_record.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "base/text.h"
#include "machine/machine.h"
#include "record/origin.h"
#include "record/read/record_check.h"
#include "record/value.h"
#include "record/write/record.h"

#include <string.h>
#include <time.h>

#define SERVED_WARNING                                                                                       \
    "the guest served and this host measured as its client: environment and processors are the host's"
#define FAILED_BOOTS_WARNING                                                                                 \
    "the guest hung or panicked at its first boot and was booted again (%u boots in all)"

/* "native (emulated hardware)" for "emulated-native". NULL without memory. */
static char *new_label(const char *name, bool emulated, bool icount) {
    const char *addition = emulated && icount ? " (emulated hardware, instructions counted)"
                           : emulated         ? " (emulated hardware)"
                           : icount           ? " (instructions counted)"
                                              : "";

    if (emulated && strncmp(name, LAUNCHER_EMULATED, strlen(LAUNCHER_EMULATED)) == 0)
        name += strlen(LAUNCHER_EMULATED); /* the addition says it */
    return text_new("%s%s", name, addition);
}

static json_t *host_facts(void) {
    struct machine_source source = machine_source_here();
    struct machine machine;
    json_t *json;

    if (machine_read(&source, NULL, &machine) < 0)
        return NULL;
    json = record_machine(&machine);
    machine_done(&machine);
    return json;
}

static const struct launcher_kind *kind_of(const struct guest_record *about) {
    return launcher_kind(about->launcher, about->settings->kind);
}

static json_t *layer(const char *name, json_t *virtualization, const char *hypervisor) {
    return json_pack("{s:s, s:O?, s:s?}", "layer", name, "virtualization", virtualization, "hypervisor",
                     hypervisor);
}

/* Which hypervisor saw which: from the host to the guest, what each machine took itself for (null: it was not
 * asked), and what ran on it to make the next. */
static json_t *layers(const struct guest_record *about, const json_t *record, const json_t *host) {
    const json_t *environment = json_object_get(record, "environment");
    json_auto_t *guest =
        about->settings->serves
            ? json_string(about->detected) /* the environment is the host's */
            : json_incref(json_object_get(json_object_get(environment, "before"), "virtualization"));
    cleanup_free char *emulator =
        kind_of(about)->emulated && about->launcher->emulator ? about->launcher->emulator() : NULL;
    json_t *array = json_array();

    (void)json_array_append_new(array, layer("host", json_object_get(host, "virtualization"),
                                             emulator ? emulator : about->launcher->name));
    if (about->hypervisor)
        (void)json_array_append_new(array, layer("emulated host", NULL, about->hypervisor));
    (void)json_array_append_new(array, layer("guest", guest, NULL));
    return array;
}

/* Its life by the clock of the machine between this host and it; null where there is none. */
static json_t *new_nested(const struct guest_record *about) {
    static const struct {
        const char *member;
        enum host_moment from, to;
    } rows[] = {{"boot_s", HOST_MOMENT_STARTED, HOST_MOMENT_READY},
                {"ready_s", HOST_MOMENT_STARTED, HOST_MOMENT_MEASURING},
                {"answer_s", HOST_MOMENT_STARTED, HOST_MOMENT_ANSWER},
                {"total_s", HOST_MOMENT_STARTED, HOST_MOMENT_ENDED},
                {"stop_s", HOST_MOMENT_OFF, HOST_MOMENT_ENDED}};
    json_t *json;
    int failed = 0;

    if (!about->hypervisor)
        return json_null();
    json = json_object();
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        failed |= value_set(json, rows[i].member,
                            value_number(host_moments_between(about->moments, rows[i].from, rows[i].to)));
    return value_finish(json, failed);
}

/* Why not all of its life could be had; null where all that was asked for could. */
static json_t *new_reason(const struct guest_record *about) {
    if (about->launcher->abilities & LAUNCHER_STATES)
        return about->settings->whole_life ? json_null()
                                           : json_string("\"life\": \"whole\" was not asked for");
    return json_string(about->launcher->stateless ? about->launcher->stateless : LAUNCHER_STATELESS);
}

/* How long its life's parts took, and what it took beside; null where it is unknown. */
static int add_life(json_t *guest, const struct guest_record *about) {
    int failed = 0;

    failed |= value_set(guest, "boot_s", value_number(about->boot_s));
    failed |= value_set(guest, "ready_s", value_number(about->ready_s));
    failed |= value_set(guest, "answer_s", value_number(about->answer_s));
    failed |= value_set(guest, "total_s", value_number(about->total_s));
    failed |= value_set(guest, "stop_s", value_number(about->stop_s));
    failed |= value_set(guest, "monitor_memory", value_number(about->monitor_memory));
    failed |= value_set(guest, "save_s", value_number(about->life->save_s));
    failed |= value_set(guest, "state_bytes", value_number(about->life->state_bytes));
    failed |= value_set(guest, "restore_s", value_number(about->life->restore_s));
    failed |= value_set(guest, "kernel_s", value_number(about->kernel_s));
    failed |= value_set(guest, "nested", new_nested(about));
    failed |= value_set(guest, "life_left_out", new_reason(about));
    failed |= value_set(guest, "guests_per_gigabyte", value_number(life_guests_per_gigabyte(about->life)));
    return failed;
}

/* How its monitor was to be, and what was seen of that. */
static int add_tuning(json_t *guest, const struct guest_record *about) {
    const struct guest_settings *settings = about->settings;
    int failed = 0;

    failed |= value_set(guest, "format", json_string(settings->format));
    failed |= value_set(guest, "queues", json_integer(settings->queues));
    failed |= value_set(guest, "vhost", json_boolean(settings->vhost));
    failed |= value_set(guest, "pin", value_text(settings->pin));
    failed |= value_set(guest, "seen", about->seen ? json_incref((json_t *)about->seen) : json_null());
    return failed;
}

static json_t *describe(const struct guest_record *about, const json_t *record) {
    const struct guest_settings *settings = about->settings;
    const char *backing = settings->disk == 0 ? "none" : settings->disk_in_memory ? "memory" : "file";
    const char *kind = *settings->kind ? settings->kind : about->launcher->name;
    cleanup_free char *label = new_label(about->name, kind_of(about)->emulated, settings->icount);
    json_auto_t *host = host_facts();

    if (!label || !host)
        return NULL;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:b, s:s, s:i, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:O}", "label",
        label, "launcher", about->launcher->name, "kind", kind, "role",
        settings->serves ? "serves" : "measures", "emulated_hardware", kind_of(about)->emulated, "clock",
        settings->icount ? "instructions" : "real-time", "vcpus", (int)settings->vcpus, "memory",
        (json_int_t)settings->memory, "disk", (json_int_t)settings->disk, "backing", backing, "cache",
        settings->cache, "devices",
        settings->emulated_devices || kind_of(about)->emulated_devices ? "emulated" : "virtual", "network",
        !settings->network ? "none"
        : settings->bridge ? "bridge"
                           : "user",
        "peer",
        settings->serves        ? "guest"
        : settings->peer_inside ? "hypervisor"
                                : "host",
        "kernel", appliance_release(about->appliance), "appliance", about->appliance->id, "layers",
        layers(about, record, host), "host", host);
}

/* Counts what record_check finds, and keeps the first. */
struct finding {
    unsigned n;
    char text[256];
};

static void note(void *context, const char *path, const char *sentence) {
    struct finding *finding = context;

    if (finding->n++ == 0)
        (void)snprintf(finding->text, sizeof(finding->text), "%.80s: %.150s", path, sentence);
}

int guest_record_check(const json_t *record, struct vms_error *error) {
    struct finding finding = {0};

    record_check(record, note, &finding);
    return finding.n == 0 ? 0
                          : error_set(error, -EBADMSG,
                                      "what the guest handed out is not a complete record: %s", finding.text);
}

int guest_record_add(json_t *record, const struct guest_record *about) {
    json_t *warnings = json_object_get(record, "warnings"), *guest = describe(about, record);

    if (!guest || add_life(guest, about) != 0 || add_tuning(guest, about) != 0 ||
        json_object_set_new(record, "guest", guest) < 0)
        return -ENOMEM;
    if (kind_of(about)->emulated)
        (void)json_array_append_new(warnings, json_string(ORIGIN_EMULATED));
    if (about->settings->icount)
        (void)json_array_append_new(warnings, json_string(ORIGIN_INSTRUCTIONS));
    if (about->settings->serves)
        (void)json_array_append_new(warnings, json_string(SERVED_WARNING));
    if (about->n_failed_boots > 0)
        (void)json_array_append_new(warnings, json_sprintf(FAILED_BOOTS_WARNING, about->n_failed_boots + 1));
    return 0;
}

int guest_record_complete(json_t *record, const struct guest_record *about, struct vms_error *error) {
    const char *named = json_string_value(json_object_get(record, "configuration"));
    int status = guest_record_check(record, error);

    if (status < 0)
        return status;
    if (!named || strcmp(named, about->name) != 0)
        return error_set(
            error, -EBADMSG,
            "the guest handed out the record of another configuration, \"%.80s\" instead of \"%s\"",
            named ? named : "", about->name);
    if (guest_record_add(record, about) < 0 ||
        json_object_set(record, "configuration_given", (json_t *)about->given) < 0)
        return error_memory(error);
    if (about->set->id[0] && json_object_set_new(record, "run_set", record_set(about->set)) < 0)
        return error_memory(error);
    return 0;
}

int guest_record_files(const json_t *record, const char *configuration, const char *folder,
                       struct run_files *ret_files, struct vms_error *error) {
    const char *started = json_string_value(json_object_get(record, "started_at"));
    const char *run_id = json_string_value(json_object_get(record, "run_id"));
    struct tm parts = {0};
    int status;

    if (!configuration)
        configuration = json_string_value(json_object_get(record, "configuration"));
    if (!started || !strptime(started, "%Y-%m-%dT%H:%M:%SZ", &parts))
        return error_set(error, -EBADMSG, "the guest's record does not say when it was begun");
    status = run_files_name(folder, configuration ? configuration : "", timegm(&parts), run_id ? run_id : "",
                            ret_files);
    if (status == -EINVAL)
        return error_set(error, -EBADMSG,
                         "the guest's record is refused: its file would be named after its configuration "
                         "\"%.80s\" and run \"%.80s\", which must be " NAME_RULE " and a UUID",
                         configuration ? configuration : "", run_id ? run_id : "");
    return status < 0 ? error_memory(error) : 0;
}
