/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever a record holds, it is read and exported in every format, or refused with a
 * sentence; what is exported as JSON is JSON, and no control character comes out in any format. */
#include "base/cleanup.h"
#include "export/export.h"
#include "input.h"
#include "record/read/reader.h"
#include "record/read/record_check.h"
#include "json/document.h"

#include <string.h>

int LLVMFuzzerInitialize(int *n_arguments, char ***arguments) {
    (void)n_arguments;
    (void)arguments;
    (void)setenv("TMPDIR", "/dev/shm", 1);
    return 0;
}

static bool holds_json(const char *text) {
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

    json_decref(json);
    return json != NULL;
}

static void check_lines(char *text) {
    char *line;

    while ((line = strsep(&text, "\n")) && text)
        require(holds_json(line));
    require(!line || !*line);
}

static void check_export(const char *format, char *text, size_t length) {
    require(strlen(text) == length);
    for (size_t i = 0; i < length; i++)
        require((unsigned char)text[i] >= ' ' || text[i] == '\n' || strcmp(format, "csv") == 0);
    if (strcmp(format, "jsonl") == 0)
        check_lines(text);
    else if (strcmp(format, "bmf") == 0 || strcmp(format, "github") == 0 || strcmp(format, "google") == 0)
        require(holds_json(text));
    else if (strcmp(format, "openmetrics") == 0)
        require(length >= 6 && strcmp(text + length - 6, "# EOF\n") == 0);
}

static void export_all(const char *path) {
    char *paths[] = {(char *)path};

    for (size_t i = 0; export_format_name(i); i++) {
        const struct export_options options = {.format = export_format_name(i), .better = VMS_HIGHER};
        struct vms_error error = {""};
        cleanup_free char *text = NULL;
        size_t length, left_out;
        FILE *file = open_memstream(&text, &length);
        int status;

        require(file != NULL);
        status = export_write(file, &options, paths, 1, &left_out, &error);
        require(fclose(file) == 0 && (status < 0) == (error.text[0] != '\0'));
        if (status == 0)
            check_export(options.format, text, length);
    }
}

/* Whether all of it can be read. */
static bool read_all(const char *path) {
    struct view_case outcome = {0};
    struct vms_error error = {""};
    struct reader *reader = NULL;
    int status = reader_open(path, &reader, &error);

    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++)
        status = reader_case(reader, i, &outcome, &error);
    reader_case_done(&outcome);
    reader_close(reader);
    require((status < 0) == (error.text[0] != '\0'));
    return status == 0;
}

static void count(void *context, const char *path, const char *sentence) {
    require(path && sentence && *sentence);
    ++*(size_t *)context;
}

/* Whether `vmsuite check` finds nothing wrong with it. */
static bool is_valid(const char *path) {
    struct problems problems = {0};
    struct document document;
    size_t n = 0;

    if (document_read(path, &problems, &document) == 0) {
        record_check(document.json, count, &n);
        document_done(&document);
    }
    n += problems.n_problems;
    problems_done(&problems);
    return n == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = input_file(data, size);
    bool readable = read_all(path);

    require(readable || !is_valid(path));
    if (readable)
        export_all(path);
    return 0;
}
