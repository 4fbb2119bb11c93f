/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/files/run_identity.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "machine/machine.h"
#include "record/write/record.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

#define UUID_BYTES 16

static void format(uint8_t bytes[static UUID_BYTES], char ret_uuid[static 37]) {
    char hex[2 * UUID_BYTES + 1];

    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    (void)sodium_bin2hex(hex, sizeof(hex), bytes, UUID_BYTES);
    (void)snprintf(ret_uuid, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void run_identity_draw(char ret_uuid[static 37]) {
    uint8_t bytes[UUID_BYTES];

    randombytes_buf(bytes, sizeof(bytes));
    format(bytes, ret_uuid);
}

void run_identity_derive(const char *text, char ret_uuid[static 37]) {
    uint8_t bytes[UUID_BYTES];

    (void)crypto_generichash(bytes, sizeof(bytes), (const uint8_t *)text, strlen(text), NULL, 0);
    format(bytes, ret_uuid);
}

static char *detected_name(void) {
    struct machine_source source = machine_source_here();
    struct machine machine;
    char *name;

    if (machine_read(&source, NULL, &machine) < 0)
        return NULL;
    name = strdup(machine.virtualization);
    machine_done(&machine);
    return name;
}

int run_identity_new(const struct configuration *configuration, const uint64_t *seed,
                     const struct outcome_set *set, struct outcome_run *ret_run) {
    struct outcome_run run = {.started_at = time(NULL), .set = *set};

    if (sodium_init() < 0)
        return -EIO;
    run.configuration =
        strcmp(configuration->name, "here") == 0 ? detected_name() : strdup(configuration->name);
    if (!run.configuration)
        return -ENOMEM;
    run_identity_draw(run.run_id);
    run.seed = seed                            ? *seed
               : configuration->suite.has_seed ? configuration->suite.seed
                                               : randombytes_random();
    if (set->run > 1)
        run.seed = (run.seed + set->run - 1) & INT64_MAX;
    *ret_run = run;
    return 0;
}

void run_identity_boot(char ret_id[static RUN_IDENTITY_BOOT_SIZE]) {
    cleanup_fclose FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    ret_id[0] = '\0';
    if (file && fgets(ret_id, RUN_IDENTITY_BOOT_SIZE, file))
        ret_id[strcspn(ret_id, "\n")] = '\0';
}

/* Goes on while the machine sleeps, and is never set. */
static double since_boot_s(void) {
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / (double)NS_PER_S;
}

double run_identity_elapsed(const json_t *header) {
    const char *boot = json_string_value(json_object_get(header, "boot_id"));
    const json_t *begun = json_object_get(header, "boot_s");
    char here[RUN_IDENTITY_BOOT_SIZE];

    run_identity_boot(here);
    if (!boot || !*boot || strcmp(boot, here) != 0 || !json_is_number(begun))
        return 0;
    return fmax(since_boot_s() - json_number_value(begun), 0);
}

bool run_identity_is_of_set(const json_t *header, const struct outcome_set *set) {
    json_auto_t *wanted = record_set(set);

    return wanted && json_equal(json_object_get(header, "run_set"), wanted);
}

json_t *run_identity_header(const struct outcome_run *run, const json_t *suite) {
    char moment[CLOCK_TEXT_SIZE], boot[RUN_IDENTITY_BOOT_SIZE];
    json_t *header;

    clock_format_utc(run->started_at, moment);
    run_identity_boot(boot);
    header = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:O}", "schema", "vmsuite.journal/1",
                       "version", VMSUITE_VERSION, "run_id", run->run_id, "configuration", run->configuration,
                       "started_at", moment, "boot_id", boot, "boot_s", since_boot_s(), "seed",
                       (json_int_t)run->seed, "suite", suite);
    if (header && run->set.id[0])
        (void)json_object_set_new(header, "run_set", record_set(&run->set));
    return header;
}

int run_identity_read(const json_t *header, struct outcome_run *run, struct vms_error *error) {
    const char *run_id, *moment;
    const char *version = json_string_value(json_object_get(header, "version"));
    struct tm parts = {0};
    json_int_t seed;

    if (!version || strcmp(version, VMSUITE_VERSION) != 0)
        return error_set(error, -EINVAL,
                         "that run was begun by version %s of vmsuite, not " VMSUITE_VERSION
                         "; run without --resume",
                         version ? version : "?");
    if (json_unpack((json_t *)header, "{s:s, s:s, s:I}", "run_id", &run_id, "started_at", &moment, "seed",
                    &seed) < 0 ||
        strlen(run_id) != sizeof(run->run_id) - 1 || !strptime(moment, "%Y-%m-%dT%H:%M:%SZ", &parts))
        return error_set(error, -EINVAL,
                         "the journal's first line is not that of a run; run without --resume");
    memcpy(run->run_id, run_id, sizeof(run->run_id));
    run->seed = (uint64_t)seed;
    run->started_at = timegm(&parts);
    return 0;
}
