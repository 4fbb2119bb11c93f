/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manual pages in mdoc(7), from the command tables. */
#ifndef VMSUITE_RUNNER_MANUAL_MDOC_H
#define VMSUITE_RUNNER_MANUAL_MDOC_H

#include "cli/command.h"

#include <jansson.h>
#include <stdio.h>

/* Running text: each sentence on its own line, a line feed begins a paragraph, what roff would take for its
 * own is escaped. `capital`: the first letter becomes a capital and a full stop is added where there is
 * none. */
void mdoc_text(FILE *file, const char *text, bool capital);

/* What a page of the manual begins with, to its NAME: `page` "vmsuite-run", `section` "1". */
void mdoc_head(FILE *file, const char *page, const char *section, const char *summary);

/* The page of a command: everything from its table, and between options and exit status the prose, sections
 * that are written by hand; "": none. */
void mdoc_command(FILE *file, const struct cli_command *command, const char *prose);

/* A page that is written by hand, in which lines of this form are replaced by what they name:
 *
 *     .\" @date@    .\" @commands@    .\" @statuses@
 *     .\" @members DOCUMENT@           mdoc_document.h
 *     .\" @schema@                     mdoc_schema.h; where a schema is given
 *
 * -EINVAL with a sentence at any other of that form. */
int mdoc_page(FILE *file, const char *page, const json_t *schema, struct vms_error *error);

#endif
