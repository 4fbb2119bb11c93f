/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `compare --by` and `report --by`: records of many hosts. */
#ifndef VMSUITE_RUNNER_CLI_BY_LABEL_H
#define VMSUITE_RUNNER_CLI_BY_LABEL_H

#include "cli/command.h"
#include "fleet/fleet.h"

#define BY_LABEL_TABLE "table"
#define BY_LABEL_JSON "json"

/* Reads records and finishes; a host that gave none is noted in `fleet` by fleet_note_lost afterwards. -errno
 * with a sentence. The caller frees with fleet_done, also after a failure. */
int by_label_read(struct fleet *fleet, const char *label, double margin, const struct words *records,
                  struct vms_error *error);

/* Writes what is known as BY_LABEL_TABLE or BY_LABEL_JSON, or as a page. -errno with a sentence. */
int by_label_write(const struct fleet *fleet, const char *format, const char *path, struct vms_error *error);
int by_label_write_page(const struct fleet *fleet, const char *path, struct vms_error *error);

/* The whole of `compare --by`; returns the exit status. */
int by_label_compare(const struct cli_command *command, const char *label, double margin, const char *format,
                     const char *output, const struct words *records);
/* The whole of `report --by`. */
int by_label_report(const struct cli_command *command, const char *label, const char *output,
                    const struct words *records);

#endif
