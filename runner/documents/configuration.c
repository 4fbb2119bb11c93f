/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents/configuration.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "base/units.h"
#include "common/locate.h"
#include "common/store_records.h"
#include "documents/claims.h"
#include "documents/kind.h"

#include <errno.h>
#include <string.h>

/* A record's file is named after its configuration. */
static int check_name(const char *name, struct vms_error *error) {
    return name_is_safe(name)
               ? 0
               : error_set(error, -EINVAL, "must be " NAME_RULE ", since records are named after it");
}

static int check_device(const char *path, struct vms_error *error) {
    return strncmp(path, "/dev/", strlen("/dev/")) == 0
               ? 0
               : error_set(
                     error, -EINVAL,
                     "must be the path of a block device, such as \"/dev/vdb\": everything on it is lost");
}

static const struct member peer_rows[] = {
    {.name = "address",
     .kind = MEMBER_TEXT,
     .check = peer_address_check,
     .required = true,
     .sentence = "where `vmsuite serve` runs: a name, or an IPv4 or IPv6 address"},
    {.name = "port",
     .kind = MEMBER_WHOLE,
     .min = 1,
     .max = 65535,
     .fallback = "7411",
     .sentence = "its TCP port"},
    {.name = "token_file",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .sentence =
         "the file that holds the token which both ends share; relative to the configuration's folder"},
};
static const struct member_table peer_members = {"peer", peer_rows, VMS_LENGTH(peer_rows)};

static int check_bytes(const char *text, struct vms_error *error) {
    uint64_t bytes;

    return units_parse_bytes(text, &bytes, error);
}

static int check_find(const char *text, struct vms_error *error) {
    double find;

    return goal_parse_find(text, &find, error);
}

static const struct member device_rows[] = {
    {.name = "size",
     .kind = MEMBER_TEXT,
     .check = check_bytes,
     .sentence = "its size, exactly: \"8GiB\", \"500107862016B\""},
    {.name = "id",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .sentence = "its serial number, its WWID, or its name in /dev/disk/by-id"},
    {.name = "holds",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .sentence =
         "what is on it and may be lost, as blkid(8) names it: \"ext4\", \"gpt\", \"LVM2_member\"; \"data\": "
         "something that has no name there"},
};
static const struct member_table device_members = {"device", device_rows, VMS_LENGTH(device_rows)};

static const struct member configuration_rows[] = {
    {.name = "$schema", .kind = MEMBER_TEXT, .sentence = "the address of the schema, for editors; not read"},
    {.name = "configuration",
     .kind = MEMBER_TEXT,
     .check = check_name,
     .required = true,
     .sentence = "the name that its records go by"},
    {.name = "description",
     .kind = MEMBER_TEXT,
     .sentence = "what is special about it, in a sentence or two"},
    {.name = "expect",
     .kind = MEMBER_OBJECT,
     .sentence = "what the machine must be; where it is something else, nothing is measured"},
    {.name = "suite",
     .kind = MEMBER_MIXED,
     .sentence =
         "what is measured: a suite's name, its file, or the suite itself; \"quick\" where neither this nor "
         "--suite names one"},
    {.name = "peer",
     .kind = MEMBER_OBJECT,
     .members = &peer_members,
     .sentence = "the other end of network cases; where it is left out, a peer is started here, on loopback"},
    {.name = "places",
     .kind = MEMBER_LIST,
     .min = 1,
     .sentence =
         "where it is measured, trials in turn, as --on has it: \"local\", \"nspawn:DIR\"; this machine "
         "where it is left "
         "out"},
    {.name = "scratch",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .sentence = "the folder in which disk cases make a folder of their own"},
    {.name = "destroys",
     .kind = MEMBER_TEXT,
     .check = check_device,
     .sentence = "the block device that disk cases may overwrite; everything on it is lost"},
    {.name = "device",
     .kind = MEMBER_OBJECT,
     .members = &device_members,
     .sentence =
         "what the device that is destroyed has to be; where it is something else, nothing is written to it"},
    {.name = "store",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .sentence = "the store that its records are added to, as --store has it: a file, relative to the "
                 "configuration's folder, or postgresql://...; a study has its own"},
    {.name = "find",
     .kind = MEMBER_TEXT,
     .check = check_find,
     .sentence =
         "the difference that its runs are to find, \"5%\" or a factor, \"1.5\": chooses runs and trials"},
    {.name = "budget",
     .kind = MEMBER_TIME,
     .sentence = "the time that all runs together may take: chooses runs and trials"},
    {.name = "guest",
     .kind = MEMBER_OBJECT,
     .sentence =
         "a guest that is booted to be measured; where it is left out, this machine is measured as it is"},
};
const struct member_table configuration_members = {"configuration", configuration_rows,
                                                   VMS_LENGTH(configuration_rows)};

static void read_peer(const struct document *document, struct configuration *configuration) {
    const json_t *peer = json_object_get(document->json, "peer");
    const char *host = members_text(peer, "address"), *token = members_text(peer, "token_file");
    struct peer_address *address = &configuration->peer;
    cleanup_free char *near = token ? document_beside(document->file, token) : NULL;
    struct vms_error error;

    if (!json_is_object(peer))
        return;
    (void)snprintf(address->host, sizeof(address->host), "%s", host ? host : "");
    address->port = (uint16_t)members_whole(peer, "port", PEER_PORT);
    if (token && token_read(near ? near : token, &address->token, &error) < 0)
        document_problem(document, "$.peer.token_file", "%s", error.text);
    configuration->has_peer = true;
}

static void read_places(const struct document *document, struct configuration *configuration) {
    const json_t *places = json_object_get(document->json, "places"), *place;
    char path[JSON_PATH_SIZE];
    size_t index;

    if (!json_is_array(places))
        return;
    configuration->places = calloc(json_array_size(places) + 1, sizeof(*configuration->places));
    json_array_foreach (places, index, place) {
        const char *text = json_string_value(place);
        char *copy = text && configuration->places ? strdup(text) : NULL;

        (void)snprintf(path, sizeof(path), "$.places[%zu]", index);
        if (copy)
            configuration->places[configuration->n_places++] = copy;
        else
            document_problem(document, path, text ? ERROR_MEMORY : "must be text");
    }
}

static void read_device(const struct document *document, struct configuration *configuration) {
    const json_t *device = json_object_get(document->json, "device");
    const char *size = members_text(device, "size"), *id = members_text(device, "id");
    const char *holds = members_text(device, "holds");

    if (size)
        (void)units_parse_bytes(size, &configuration->device.size, &(struct vms_error){""});
    configuration->device.id = id ? strdup(id) : NULL;
    configuration->device.holds = holds ? strdup(holds) : NULL;
    if (json_is_object(device) && !configuration->destroys)
        document_problem(document, "$.device", "says what \"destroys\" names, but \"destroys\" is missing");
}

void configuration_read_document(const struct document *document, const struct module_list *modules,
                                 struct configuration *ret_configuration) {
    const json_t *suite = json_object_get(document->json, "suite");
    const json_t *guest = json_object_get(document->json, "guest");
    const char *name = members_text(document->json, "configuration");
    const char *scratch = members_text(document->json, "scratch");
    const char *destroys = members_text(document->json, "destroys");
    const char *store = members_text(document->json, "store");
    const char *find = members_text(document->json, "find");

    members_check(document, "$", document->json, &configuration_members);
    ret_configuration->name = strdup(name ? name : "");
    claims_read(document, &ret_configuration->claims);
    read_peer(document, ret_configuration);
    if (json_is_object(guest))
        guest_settings_read(document, "$.guest", guest, &ret_configuration->guest);
    ret_configuration->scratch = scratch ? strdup(scratch) : NULL;
    /* Only a device that is named here may be written to: the module holds the path against its own
     * parameter. */
    ret_configuration->destroys = destroys ? strdup(destroys) : NULL;
    read_device(document, ret_configuration);
    read_places(document, ret_configuration);
    ret_configuration->goal.budget_s = members_seconds(document->json, "budget");
    if (find)
        (void)goal_parse_find(find, &ret_configuration->goal.find, &(struct vms_error){""});
    if (json_is_object(suite))
        suite_read(document, "$.suite", suite, modules, &ret_configuration->suite);
    else if (suite && !json_is_string(suite))
        document_problem(document, "$.suite", "must be a suite's name, its file, or the suite itself");
    if (store && *store && !(ret_configuration->store = store_named(document->file, store)))
        document_problem(document, "$.store", "cannot be found: %s", strerror(errno));
    ret_configuration->json = json_copy(document->json);
    if (!ret_configuration->json)
        document_problem(document, "$", "cannot be read: out of memory");
    (void)json_object_del(ret_configuration->json, "store");
}

/* Reads the suite of that name or file, which the user (`by` is NULL) or the configuration `by` has given. */
static void read_suite_file(const char *name, const struct document *by, const struct module_list *modules,
                            struct problems *problems, struct suite *ret_suite) {
    struct vms_error error = {""};
    cleanup_free char *file = locate_document("suites", by ? by->file : NULL, name, &error);
    struct document document = {0};

    if (!file) {
        if (by)
            document_problem(by, "$.suite", "%s", error.text);
        else
            problems_add(problems, "--suite", 0, NULL, "%s", error.text);
        return;
    }
    if ((by ? document_read_named : document_read)(file, problems, &document) < 0)
        return;
    if (kind_expect(&document, KIND_SUITE))
        suite_read(&document, "$", document.json, modules, ret_suite);
    document_done(&document);
}

static void read_suite(const struct document *document, const struct configuration_overrides *overrides,
                       const struct module_list *modules, struct configuration *configuration) {
    const json_t *given = json_object_get(configuration->json, "suite");
    const char *name = overrides->suite ? overrides->suite : given ? json_string_value(given) : "quick";

    if (!overrides->suite && json_is_object(given))
        return;
    suite_done(&configuration->suite);
    if (name)
        read_suite_file(name, overrides->suite || !given ? NULL : document, modules, document->problems,
                        &configuration->suite);
}

static void apply(const struct configuration_overrides *overrides, struct problems *problems,
                  struct configuration *configuration) {
    struct vms_error error;

    if (overrides->only.n_words > 0 &&
        suite_keep(&configuration->suite, overrides->only.words, overrides->only.n_words, &error) < 0)
        problems_add(problems, "--only", 0, NULL, "%s", error.text);
    for (size_t i = 0; overrides->trials && i < configuration->suite.n_benchmarks; i++) {
        configuration->suite.benchmarks[i].trials = overrides->trials;
        configuration->suite.benchmarks[i].target = 0;
    }
    if (overrides->scratch) {
        free(configuration->scratch);
        configuration->scratch = strdup(overrides->scratch);
    }
    configuration->suite_json = suite_resolved(&configuration->suite);
}

int configuration_read_from(const struct document *document, const struct configuration_overrides *overrides,
                            const struct module_list *modules, struct configuration *ret_configuration) {
    struct problems *problems = document->problems;
    size_t before = problems->n_problems;

    *ret_configuration = (struct configuration){.file = strdup(document->file)};
    if (!ret_configuration->file) {
        problems_add(problems, document->file, 0, NULL, ERROR_MEMORY);
        return -EINVAL;
    }
    if (!kind_expect(document, KIND_CONFIGURATION))
        return -EINVAL;
    configuration_read_document(document, modules, ret_configuration);
    read_suite(document, overrides, modules, ret_configuration);
    if (problems->n_problems == before)
        apply(overrides, problems, ret_configuration);
    return problems->n_problems == before ? 0 : -EINVAL;
}

int configuration_read(const char *name, const struct configuration_overrides *overrides,
                       const struct module_list *modules, struct problems *problems,
                       struct configuration *ret_configuration) {
    struct vms_error error = {""};
    cleanup_free char *file = locate_document("configurations", NULL, name, &error);
    struct document document = {0};
    int status;

    *ret_configuration = (struct configuration){0};
    if (!file) {
        problems_add(problems, "configuration", 0, NULL, "%s", error.text);
        return -EINVAL;
    }
    if (document_read(file, problems, &document) < 0)
        return -EINVAL;
    status = configuration_read_from(&document, overrides, modules, ret_configuration);
    document_done(&document);
    return status;
}

void configuration_done(struct configuration *configuration) {
    suite_done(&configuration->suite);
    token_done(&configuration->peer.token);
    claims_done(&configuration->claims);
    guest_settings_done(&configuration->guest);
    json_decref(configuration->json);
    json_decref(configuration->suite_json);
    free(configuration->name);
    free(configuration->file);
    free(configuration->scratch);
    free(configuration->destroys);
    free(configuration->store);
    for (size_t i = 0; i < configuration->n_places; i++)
        free(configuration->places[i]);
    free(configuration->places);
    device_claim_done(&configuration->device);
    *configuration = (struct configuration){0};
}
