/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/by_label.h"

#include "base/error.h"
#include "compare/comparison/comparison.h"
#include "output/output.h"
#include "output/terminal.h"
#include "record/text/json_writer.h"

#include <errno.h>
#include <string.h>

int by_label_read(struct fleet *fleet, const char *label, double margin, const struct words *records,
                  struct vms_error *error) {
    int status = fleet_read(fleet, label, records->words, records->n_words, error);

    if (status == 0 && fleet->n_rows == 0)
        return error_set(error, -EINVAL, "nothing was compared: no case of the records has a figure");
    return status == 0 && fleet_finish(fleet, margin) < 0 ? error_memory(error) : status;
}

static int write_json(FILE *file, const struct fleet *fleet, struct vms_error *error) {
    json_auto_t *json = fleet_json(fleet);

    if (!json)
        return error_memory(error);
    return json_write(file, json) < 0 ? error_set(error, -EIO, "cannot write JSON: %s", strerror(errno)) : 0;
}

int by_label_write(const struct fleet *fleet, const char *format, const char *path, struct vms_error *error) {
    struct output output;
    bool is_table = strcmp(format, BY_LABEL_TABLE) == 0;
    int status = is_table ? output_open_styled(path, &output, error) : output_open(path, &output, error);

    if (status < 0)
        return status;
    if (is_table)
        fleet_write_table(output.file, fleet);
    else
        status = write_json(output.file, fleet, error);
    return output_end(&output, status, error);
}

int by_label_write_page(const struct fleet *fleet, const char *path, struct vms_error *error) {
    struct output output;
    int status = output_open(path, &output, error);

    if (status < 0)
        return status;
    status = fleet_write_page(output.file, fleet, error);
    return output_end(&output, status, error);
}

int by_label_compare(const struct cli_command *command, const char *label, double margin, const char *format,
                     const char *output, const struct words *records) {
    struct vms_error error = {""};
    struct fleet fleet = {0};
    int status;

    if (strcmp(format, BY_LABEL_TABLE) != 0 && strcmp(format, BY_LABEL_JSON) != 0)
        return command_usage_error(
            command, "--by is written as " BY_LABEL_TABLE " or " BY_LABEL_JSON ", not as %s", format);
    status = by_label_read(&fleet, label, margin, records, &error);
    if (status < 0)
        status = command_fail(command, exit_status_of(status), "%s", error.text);
    else if (by_label_write(&fleet, format, output, &error) < 0)
        status = command_fail(command, EXIT_FAILED, "%s", error.text);
    fleet_done(&fleet);
    return status;
}

int by_label_report(const struct cli_command *command, const char *label, const char *output,
                    const struct words *records) {
    struct vms_error error = {""};
    struct fleet fleet = {0};
    int status = by_label_read(&fleet, label, COMPARE_MARGIN, records, &error);

    if (status < 0) {
        status = command_fail(command, exit_status_of(status), "%s", error.text);
    } else if (by_label_write_page(&fleet, output, &error) < 0) {
        status = command_fail(command, EXIT_FAILED, "%s", error.text);
    } else {
        terminal_print(stderr, "report: %s\n", output);
    }
    fleet_done(&fleet);
    return status;
}
