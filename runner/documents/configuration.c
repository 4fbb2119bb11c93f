/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents/configuration.h"

#include "base/cleanup.h"
#include "base/name.h"
#include "common/locate.h"
#include "documents/claims.h"

#include <string.h>

static const char *const configuration_keys[] = {"$schema", "configuration", "description", "expect", "suite",
                                                 "peer",    "scratch",       "destroys",    "guest",  NULL};
static const char *const peer_keys[] = {"address", "port", "token_file", NULL};

static void read_name(const struct document *document, struct configuration *configuration) {
    char path[JSON_PATH_SIZE];
    const json_t *name = document_get(document, "$", document->json, "configuration", JSON_STRING, path);

    if (!json_object_get(document->json, "configuration"))
        document_problem(document, "$", "lacks \"configuration\", the name that its records go by");
    else if (name && !name_is_safe(json_string_value(name)))
        document_problem(document, path, "must be " NAME_RULE ", since records are named after it");
    configuration->name = strdup(name ? json_string_value(name) : "");
}

static void read_peer(const struct document *document, struct configuration *configuration) {
    char path[JSON_PATH_SIZE], member[JSON_PATH_SIZE];
    const json_t *peer = document_get(document, "$", document->json, "peer", JSON_OBJECT, path);
    struct peer_address *address = &configuration->peer;
    cleanup_free char *near = NULL;
    struct vms_error error;
    const json_t *text;

    if (!peer)
        return;
    document_check_keys(document, path, peer, peer_keys);
    text = document_get(document, path, peer, "address", JSON_STRING, member);
    if (!json_object_get(peer, "address"))
        document_problem(document, path, "lacks \"address\", where `vmsuite serve` runs");
    else if (text && peer_address_check(json_string_value(text), &error) < 0)
        document_problem(document, member, "%s", error.text);
    else if (text)
        (void)snprintf(address->host, sizeof(address->host), "%s", json_string_value(text));
    address->port = (uint16_t)document_get_integer(document, path, peer, "port", 1, 65535, PEER_PORT);
    text = document_get(document, path, peer, "token_file", JSON_STRING, member);
    near = text ? document_beside(document->file, json_string_value(text)) : NULL;
    if (text && token_read(near ? near : json_string_value(text), &address->token, &error) < 0)
        document_problem(document, member, "%s", error.text);
    configuration->has_peer = true;
}

/* Only a device that is named here may be written to: the module holds the path against its own parameter. */
static void read_destroys(const struct document *document, struct configuration *configuration) {
    char path[JSON_PATH_SIZE];
    const json_t *device = document_get(document, "$", document->json, "destroys", JSON_STRING, path);

    if (device && strncmp(json_string_value(device), "/dev/", strlen("/dev/")) != 0)
        document_problem(document, path,
                         "must be the path of a block device, such as \"/dev/vdb\": all on it is lost");
    else if (device)
        configuration->destroys = strdup(json_string_value(device));
}

void configuration_read_document(const struct document *document, const struct module_list *modules,
                                 struct configuration *ret_configuration) {
    const json_t *suite = json_object_get(document->json, "suite");
    char path[JSON_PATH_SIZE];
    const json_t *scratch, *guest;

    document_check_keys(document, "$", document->json, configuration_keys);
    (void)document_get(document, "$", document->json, "$schema", JSON_STRING, path);
    (void)document_get(document, "$", document->json, "description", JSON_STRING, path);
    read_name(document, ret_configuration);
    claims_read(document, &ret_configuration->claims);
    read_peer(document, ret_configuration);
    guest = document_get(document, "$", document->json, "guest", JSON_OBJECT, path);
    if (guest)
        guest_settings_read(document, path, guest, &ret_configuration->guest);
    scratch = document_get(document, "$", document->json, "scratch", JSON_STRING, path);
    if (scratch)
        ret_configuration->scratch = strdup(json_string_value(scratch));
    read_destroys(document, ret_configuration);
    if (json_is_object(suite))
        suite_read(document, "$.suite", suite, modules, &ret_configuration->suite);
    else if (suite && !json_is_string(suite))
        document_problem(document, "$.suite", "must be a suite's name, its file, or the suite itself");
    ret_configuration->json = json_incref(document->json);
}

/* Reads the suite of that name or file. */
static void read_suite_file(const char *name, const struct module_list *modules, struct problems *problems,
                            struct suite *ret_suite) {
    struct vms_error error = {""};
    cleanup_free char *file = locate_document("suites", name, &error);
    struct document document;

    if (!file) {
        problems_add(problems, "suite", 0, NULL, "%s", error.text);
        return;
    }
    if (document_read(file, problems, &document) < 0)
        return;
    suite_read(&document, "$", document.json, modules, ret_suite);
    document_done(&document);
}

static void read_suite(const struct configuration_overrides *overrides, const struct module_list *modules,
                       struct problems *problems, struct configuration *configuration) {
    const json_t *given = json_object_get(configuration->json, "suite");
    const char *name = overrides->suite ? overrides->suite : given ? json_string_value(given) : "quick";
    cleanup_free char *near = overrides->suite || !name ? NULL : document_beside(configuration->file, name);

    if (!overrides->suite && json_is_object(given))
        return;
    suite_done(&configuration->suite);
    if (name)
        read_suite_file(near ? near : name, modules, problems, &configuration->suite);
}

static void apply(const struct configuration_overrides *overrides, struct problems *problems,
                  struct configuration *configuration) {
    struct vms_error error;

    if (overrides->only && suite_keep(&configuration->suite, overrides->only, &error) < 0)
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
        problems_add(problems, document->file, 0, NULL, "out of memory");
        return -EINVAL;
    }
    configuration_read_document(document, modules, ret_configuration);
    read_suite(overrides, modules, problems, ret_configuration);
    if (problems->n_problems == before)
        apply(overrides, problems, ret_configuration);
    return problems->n_problems == before ? 0 : -EINVAL;
}

int configuration_read(const char *name, const struct configuration_overrides *overrides,
                       const struct module_list *modules, struct problems *problems,
                       struct configuration *ret_configuration) {
    struct vms_error error = {""};
    cleanup_free char *file = locate_document("configurations", name, &error);
    struct document document;
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
    *configuration = (struct configuration){0};
}
