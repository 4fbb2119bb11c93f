/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents/claims.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "peer/wire/path.h"

#include <string.h>

/* Owned text of a JSON text or whole number; NULL: neither. */
static char *scalar_text(const json_t *value) {
    char *text;

    if (json_is_string(value))
        return strdup(json_string_value(value));
    if (!json_is_integer(value) || !(text = text_new("%" JSON_INTEGER_FORMAT, json_integer_value(value))))
        return NULL;
    return text;
}

static void read_claim(const struct document *document, const char *path, const char *key,
                       const json_t *value, struct claims *claims) {
    struct expectation claim = {.key = strdup(key), .value = scalar_text(value)};
    struct vms_error error = {""};

    if (!claim.value)
        document_problem(document, path, "must be text or a whole number");
    else if (claim.key && expectation_validate(&claim, &error) < 0)
        document_problem(document, path, "%s", error.text);
    claims->expectations[claims->n_expectations++] = claim;
}

void claims_read(const struct document *document, struct claims *ret_claims) {
    json_t *expect = json_object_get(document->json, "expect"), *value;
    const char *key;

    *ret_claims = (struct claims){0};
    if (!json_is_object(expect))
        return;
    ret_claims->expectations = calloc(json_object_size(expect) + 1, sizeof(*ret_claims->expectations));
    if (!ret_claims->expectations) {
        document_problem(document, "$.expect", ERROR_MEMORY);
        return;
    }
    json_object_foreach (expect, key, value) {
        char member[JSON_PATH_SIZE];

        json_path_member(member, "$.expect", key);
        read_claim(document, member, key, value, ret_claims);
    }
}

void claims_done(struct claims *claims) {
    for (size_t i = 0; i < claims->n_expectations; i++) {
        free((char *)claims->expectations[i].key);
        free((char *)claims->expectations[i].value);
    }
    free(claims->expectations);
    free(claims->mismatch);
    *claims = (struct claims){0};
}

/* The way to the peer; NULL where no case needs one, or its address leads nowhere, which the handshake
 * says. */
static const char *network_path(const struct configuration *configuration) {
    bool needed = false;

    for (size_t i = 0; i < configuration->suite.n_benchmarks; i++)
        needed |= (configuration->suite.benchmarks[i].module->needs & VMS_NEEDS_PEER) != 0;
    if (!needed)
        return NULL;
    return configuration->has_peer ? peer_path_foresee(configuration->peer.host, configuration->peer.port)
                                   : "loopback";
}

int claims_check(const struct configuration *configuration, const char *scratch, char **ret_sentences) {
    const struct claims *claims = &configuration->claims;
    struct machine_source source = machine_source_here();
    struct machine machine;
    int broken;

    if (claims->n_expectations == 0)
        return 0;
    if (machine_read(&source, scratch, &machine) < 0)
        return -ENOMEM;
    broken = expectations_check(&machine, claims->expectations, claims->n_expectations,
                                network_path(configuration), ret_sentences);
    machine_done(&machine);
    return broken < 0 ? broken : broken > 0;
}
