/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members of documents in mdoc(7), and as JSON for the test that compares them with the schemas. */
#ifndef VMSUITE_RUNNER_MANUAL_MDOC_DOCUMENT_H
#define VMSUITE_RUNNER_MANUAL_MDOC_DOCUMENT_H

#include <stdbool.h>
#include <stdio.h>

/* Lists what a "configuration", "suite", its "expect" or its "guest" section may hold. False: no such
 * document. */
bool mdoc_members(FILE *file, const char *document);

/* All of these tables as one JSON object. False without memory. */
bool members_dump(FILE *file);
/* Those of a configuration's objects "expect" and "guest", in the same form. */
bool objects_dump(FILE *file);

#endif
