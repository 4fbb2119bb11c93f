/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a configuration claims about the machine ("expect"): read, and checked against this machine. */
#ifndef VMSUITE_RUNNER_DOCUMENTS_CLAIMS_H
#define VMSUITE_RUNNER_DOCUMENTS_CLAIMS_H

#include "documents/configuration.h"

/* Reads "expect"; what is wrong is added to the document's problems. */
void claims_read(const struct document *document, struct claims *ret_claims);
void claims_done(struct claims *claims);

/* Checks the claims against this machine. 0: all hold, or none is made; 1: some do not, and *ret_sentences
 * (the caller frees) says which, on what evidence; -ENOMEM. `scratch` is where disk cases will write. */
int claims_check(const struct configuration *configuration, const char *scratch, char **ret_sentences);

#endif
