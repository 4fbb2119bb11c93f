/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration: one way of running the machine, with the suite to measure on it. */
#ifndef VMSUITE_RUNNER_DOCUMENTS_CONFIGURATION_H
#define VMSUITE_RUNNER_DOCUMENTS_CONFIGURATION_H

#include "common/words.h"
#include "device/given_up.h"
#include "documents/goal.h"
#include "documents/suite.h"
#include "guest/launchers/guest_settings.h"
#include "machine/expect.h"
#include "peer/client/client.h"

/* What is claimed about the machine (claims.h). */
struct claims {
    struct expectation *expectations; /* owned, with their texts */
    size_t n_expectations;
    char *mismatch; /* owned: which of them do not hold here, where that is allowed; NULL: all do */
};

struct configuration {
    char *name;
    char *file;
    json_t *json; /* as given, without "store": where its records are kept is nothing that is measured */
    struct suite suite;
    json_t *suite_json; /* resolved */
    bool has_peer;
    struct peer_address peer;
    struct claims claims;
    struct guest_settings guest; /* present: a guest is booted to be measured */
    char *scratch;               /* the folder that scratch folders are made in, or NULL */
    char *destroys;              /* the block device whose content the user has given up, or NULL */
    struct device_claim device;  /* what is said of that device */
    char **places;               /* owned, n_places of them: where it is measured; none: here */
    size_t n_places;
    char *store;      /* that its records are added to, or NULL */
    struct goal goal; /* what its runs are made for, unless the command line says */
};

/* What the command line says instead of a configuration. */
struct configuration_overrides {
    const char *suite; /* a file or a name, or NULL */
    unsigned trials;   /* 0: as the suite says */
    struct words only; /* shell patterns for groups or modules; none: all */
    const char *scratch;
};

/* What a configuration may hold. */
extern const struct member_table configuration_members;

/* Reads a configuration and its suite. Everything that is wrong in either file is added to `problems`;
 * -EINVAL where anything was. The caller frees with configuration_done. */
int configuration_read(const char *name, const struct configuration_overrides *overrides,
                       const struct module_list *modules, struct problems *problems,
                       struct configuration *ret_configuration);
/* The same from a document that is there already, which is named after its file. */
int configuration_read_from(const struct document *document, const struct configuration_overrides *overrides,
                            const struct module_list *modules, struct configuration *ret_configuration);
void configuration_done(struct configuration *configuration);

/* Reads a configuration's own keys and its inline suite, if it has one. Used by `check`, too. */
void configuration_read_document(const struct document *document, const struct module_list *modules,
                                 struct configuration *ret_configuration);

#endif
