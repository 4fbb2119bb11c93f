/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever a record holds, it is compared with itself, judged by a gate and shown in every
 * format, or refused with a sentence. Nothing is faster or slower than itself. */
#include "base/cleanup.h"
#include "compare/collect/collect.h"
#include "compare/compare.h"
#include "compare/formats/formats.h"
#include "compare/gate.h"
#include "input.h"
#include "record/read/reader.h"

#include <string.h>

int LLVMFuzzerInitialize(int *n_arguments, char ***arguments) {
    (void)n_arguments;
    (void)arguments;
    (void)setenv("TMPDIR", "/dev/shm", 1);
    return 0;
}

static int add_side(struct comparison *comparison, size_t side, struct reader *reader,
                    struct vms_error *error) {
    struct view_case outcome = {0};
    int status = compare_add_run(comparison, side, side ? "other" : "baseline", reader_path(reader),
                                 reader_head(reader), error);

    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++) {
        status = reader_case(reader, i, &outcome, error);
        if (status == 0)
            status = compare_add_case(comparison, &outcome, error);
    }
    reader_case_done(&outcome);
    return status;
}

static void check_text(const char *format, const char *text, size_t length) {
    json_t *json;

    require(strlen(text) == length);
    for (size_t i = 0; i < length; i++)
        require((unsigned char)text[i] >= ' ' || text[i] == '\n' || strcmp(format, "csv") == 0);
    if (strcmp(format, "json") != 0)
        return;
    json = json_loads(text, 0, NULL);
    require(json != NULL);
    json_decref(json);
}

static void show(const struct comparison *comparison) {
    const struct compare_view view = {.details = true, .all_metrics = true};

    for (size_t i = 0; compare_format_name(i); i++) {
        struct vms_error error = {""};
        cleanup_free char *text = NULL;
        size_t length;
        FILE *file = open_memstream(&text, &length);

        require(file != NULL);
        require(compare_write(file, comparison, compare_format_name(i), &view, &error) == 0);
        require(fclose(file) == 0);
        check_text(compare_format_name(i), text, length);
    }
}

static void check(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_rows; i++)
        require(comparison->rows[i].finding.verdict != COMPARE_SLOWER &&
                comparison->rows[i].finding.verdict != COMPARE_FASTER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct comparison *comparison = compare_new(&compare_defaults);
    const struct compare_gate gate = {.fail_above = 0.05, .strict = true};
    struct vms_error error = {""};
    struct reader *reader = NULL;
    int status = reader_open(input_file(data, size), &reader, &error);

    if (status == 0)
        status = add_side(comparison, 0, reader, &error);
    if (status == 0)
        status = add_side(comparison, 1, reader, &error);
    if (status == 0)
        status = compare_finish(comparison, &error);
    if (status == 0)
        status = gate_apply(comparison, &gate, &error);
    require((status < 0) == (error.text[0] != '\0'));
    if (status == 0) {
        check(comparison);
        show(comparison);
    }
    compare_free(comparison);
    reader_close(reader);
    return 0;
}
