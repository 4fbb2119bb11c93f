/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a JSON Schema describes, in mdoc(7): a list for each object in it. */
#ifndef VMSUITE_RUNNER_MANUAL_MDOC_SCHEMA_H
#define VMSUITE_RUNNER_MANUAL_MDOC_SCHEMA_H

#include <jansson.h>
#include <stdio.h>

/* The members of the schema's object, then those of the objects in it and of its definitions. */
void mdoc_schema(FILE *file, const json_t *schema);

#endif
