/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json/document.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"
#include "files/file.h"
#include "record/file/record_file.h"
#include "json/json_fault.h"

#include <stdarg.h>
#include <string.h>

static void report_duplicates(const struct document *document) {
    for (size_t i = 0; i < document->lines.n_lines; i++) {
        const struct json_line *line = &document->lines.lines[i];

        if (line->duplicate)
            problems_add(document->problems, document->file, line->line, line->path,
                         "this key appears twice; keep one");
    }
}

/* Problems name the file themselves. */
static const char *without_path(const char *sentence, const char *file) {
    size_t length = strlen(file);

    return strncmp(sentence, file, length) == 0 && strncmp(sentence + length, ": ", 2) == 0
               ? sentence + length + 2
               : sentence;
}

int document_read(const char *file, struct problems *problems, struct document *ret_document) {
    struct document document = {.problems = problems};
    cleanup_free char *text = NULL;
    struct vms_error reading = {""};
    json_error_t error;
    size_t length;

    if (record_file_load(file, DOCUMENT_MAX, &text, &length, &reading) < 0) {
        problems_add(problems, file, 0, NULL, "%s", without_path(reading.text, file));
        return -EINVAL;
    }
    document.json = json_loadb(text, length, JSON_DECODE_ANY, &error);
    if (!document.json) {
        struct json_fault fault = json_fault_find(text, length, &error);

        problems_add(problems, file, fault.line, NULL, "is not JSON: %s", fault.sentence);
        return -EINVAL;
    }
    if (!json_is_object(document.json)) {
        problems_add(problems, file, 1, NULL, "must hold a JSON object, { ... }, not %s",
                     document_type_name(document.json));
        document_done(&document);
        return -EINVAL;
    }
    document.file = strdup(file);
    if (!document.file || json_lines_scan(text, &document.lines) < 0) {
        problems_add(problems, file, 0, NULL, ERROR_MEMORY);
        document_done(&document);
        return -EINVAL;
    }
    report_duplicates(&document);
    *ret_document = document;
    return 0;
}

int document_read_named(const char *file, struct problems *problems, struct document *ret_document) {
    if (!file_is_descriptor(file))
        return document_read(file, problems, ret_document);
    problems_add(problems, file, 0, NULL,
                 "is an open file of this program, which no document may name; name a file");
    return -EINVAL;
}

void document_done(struct document *document) {
    free(document->file);
    json_decref(document->json);
    json_lines_done(&document->lines);
    *document = (struct document){0};
}

char *document_beside(const char *file, const char *name) {
    const char *slash = strrchr(file, '/');
    char *path = NULL;

    if (*name == '/' || !slash || !(path = text_new("%.*s%s", (int)(slash + 1 - file), file, name)))
        return NULL;
    if (access(path, F_OK) < 0) {
        free(path);
        return NULL;
    }
    return path;
}

void document_problem(const struct document *document, const char *path, const char *format, ...) {
    cleanup_free char *sentence = NULL;
    char place[JSON_PATH_SIZE];
    va_list arguments;

    va_start(arguments, format);
    sentence = text_new_from(format, arguments);
    va_end(arguments);
    (void)snprintf(place, sizeof(place), "%s%s", document->root ? document->root : "$", path + strlen("$"));
    problems_add(document->problems, document->file, json_lines_find(&document->lines, place), place, "%s",
                 sentence ? sentence : ERROR_MEMORY);
}

void document_check_keys(const struct document *document, const char *path, const json_t *object,
                         const char *const *known) {
    const char *key;
    json_t *value;
    size_t n_known = 0;

    while (known[n_known])
        n_known++;
    json_object_foreach ((json_t *)object, key, value) {
        char key_path[JSON_PATH_SIZE];
        char phrase[SUGGEST_SIZE];
        bool is_known = false;

        for (size_t i = 0; i < n_known; i++)
            is_known = is_known || strcmp(known[i], key) == 0;
        if (is_known)
            continue;
        json_path_member(key_path, path, key);
        document_problem(document, key_path, "unknown key \"%s\"%s", key,
                         suggest_phrase(key, known, n_known, phrase));
    }
}

static const char *type_name(json_type type) {
    switch (type) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "a whole number";
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        break;
    }
    return "null";
}

const char *document_type_name(const json_t *value) {
    return type_name(json_typeof(value));
}

json_t *document_get(const struct document *document, const char *path, const json_t *object, const char *key,
                     json_type type, char ret_path[static JSON_PATH_SIZE]) {
    json_t *value = json_object_get(object, key);

    json_path_member(ret_path, path, key);
    if (value && json_typeof(value) != type) {
        document_problem(document, ret_path, "must be %s, not %s", type_name(type),
                         type_name(json_typeof(value)));
        return NULL;
    }
    return value;
}

json_int_t document_get_integer(const struct document *document, const char *path, const json_t *object,
                                const char *key, const struct document_limits *limits) {
    char key_path[JSON_PATH_SIZE];
    const json_t *value = document_get(document, path, object, key, JSON_INTEGER, key_path);
    json_int_t number = value ? json_integer_value(value) : limits->fallback;

    if (value && (number < limits->min || number > limits->max)) {
        document_problem(document, key_path,
                         "must be from %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT
                         ", not %" JSON_INTEGER_FORMAT,
                         limits->min, limits->max, number);
        return limits->fallback;
    }
    return number;
}
