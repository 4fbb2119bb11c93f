/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/reader.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "record/record.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A stretch of the file. */
struct extent {
    size_t start, end;
};

struct reader {
    char *path;
    char *text; /* mapped */
    size_t length;
    json_t *head;
    struct extent *cases; /* owned */
    size_t n_cases, capacity;
};

static size_t skip_space(const struct reader *reader, size_t at) {
    while (at < reader->length && memchr(" \t\r\n", reader->text[at], 4))
        at++;
    return at;
}

/* The end of the string that begins at `at`. */
static size_t skip_string(const struct reader *reader, size_t at) {
    for (at++; at < reader->length && reader->text[at] != '"'; at++)
        at += reader->text[at] == '\\';
    return at < reader->length ? at + 1 : reader->length;
}

/* The end of the value that begins at `at`. Only its outline is looked at: Jansson is the judge of the rest.
 */
static size_t skip_value(const struct reader *reader, size_t at) {
    size_t depth = 0;

    while (at < reader->length) {
        char c = reader->text[at];

        if (c == '"') {
            at = skip_string(reader, at);
        } else if (depth == 0 && memchr(",]} \t\r\n", c, 7)) {
            return at;
        } else {
            depth += c == '{' || c == '[';
            depth -= c == '}' || c == ']';
            at++;
        }
        if (depth == 0 && (c == '"' || c == '}' || c == ']'))
            return at;
    }
    return at;
}

static char at_or_nul(const struct reader *reader, size_t at) {
    return at < reader->length ? reader->text[at] : '\0';
}

static int refuse_json(const struct reader *reader, struct vms_error *error) {
    return error_set(error, -EINVAL, "%s is no JSON object, or was cut short", reader->path);
}

static int load(const struct reader *reader, struct extent extent, json_t **ret_json,
                struct vms_error *error) {
    json_error_t cause;
    json_t *json = json_loadb(reader->text + extent.start, extent.end - extent.start,
                              JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &cause);

    if (!json)
        return error_set(error, -EINVAL, "%s, byte %zu: %s", reader->path,
                         extent.start + (size_t)cause.position, cause.text);
    *ret_json = json;
    return 0;
}

static int note_case(struct reader *reader, struct extent extent, struct vms_error *error) {
    if (reader->n_cases == reader->capacity) {
        size_t capacity = reader->capacity ? 2 * reader->capacity : 64;
        struct extent *grown = realloc(reader->cases, capacity * sizeof(*grown));

        if (!grown)
            return error_memory(error);
        reader->cases = grown;
        reader->capacity = capacity;
    }
    reader->cases[reader->n_cases++] = extent;
    return 0;
}

/* Notes the elements of the array that begins at `at`; fills `ret_end` with its end. */
static int scan_cases(struct reader *reader, size_t at, size_t *ret_end, struct vms_error *error) {
    if (at_or_nul(reader, at) != '[')
        return error_set(error, -EINVAL, "%s: \"cases\" has to be an array", reader->path);
    at = skip_space(reader, at + 1);
    if (at_or_nul(reader, at) == ']') {
        *ret_end = at + 1;
        return 0;
    }
    for (;;) {
        struct extent extent = {.start = at, .end = skip_value(reader, at)};
        int status = note_case(reader, extent, error);

        if (status < 0)
            return status;
        at = skip_space(reader, extent.end);
        if (at_or_nul(reader, at) == ']')
            break;
        if (at_or_nul(reader, at) != ',' || extent.end == extent.start)
            return refuse_json(reader, error);
        at = skip_space(reader, at + 1);
    }
    *ret_end = at + 1;
    return 0;
}

/* Reads the member that begins at `at`; fills `ret_end` with its end. */
static int scan_member(struct reader *reader, size_t at, size_t *ret_end, struct vms_error *error) {
    json_t *key = NULL, *value = NULL;
    size_t end = skip_string(reader, at);
    int status;

    if (at_or_nul(reader, at) != '"')
        return refuse_json(reader, error);
    status = load(reader, (struct extent){at, end}, &key, error);
    if (status < 0)
        return status;
    at = skip_space(reader, end);
    if (at_or_nul(reader, at) != ':') {
        status = refuse_json(reader, error);
    } else if (strcmp(json_string_value(key), "cases") == 0) {
        status = scan_cases(reader, skip_space(reader, at + 1), ret_end, error);
    } else {
        at = skip_space(reader, at + 1);
        *ret_end = skip_value(reader, at);
        status = load(reader, (struct extent){at, *ret_end}, &value, error);
        if (status == 0 && json_object_set_new(reader->head, json_string_value(key), value) < 0)
            status = error_memory(error);
    }
    json_decref(key);
    return status;
}

static int scan(struct reader *reader, struct vms_error *error) {
    size_t at = skip_space(reader, 0);

    if (at_or_nul(reader, at) != '{')
        return refuse_json(reader, error);
    at = skip_space(reader, at + 1);
    while (at_or_nul(reader, at) != '}') {
        int status = scan_member(reader, at, &at, error);

        if (status < 0)
            return status;
        at = skip_space(reader, at);
        if (at_or_nul(reader, at) == ',')
            at = skip_space(reader, at + 1);
        else if (at_or_nul(reader, at) != '}')
            return refuse_json(reader, error);
    }
    if (skip_space(reader, at + 1) != reader->length)
        return error_set(error, -EINVAL, "%s goes on after its JSON object", reader->path);
    return 0;
}

static int check_head(const struct reader *reader, struct vms_error *error) {
    static const char *const texts[] = {"run_id", "configuration", "started_at", "status"};
    const char *schema = reader_text(reader, "schema");

    if (strcmp(schema, RECORD_SCHEMA) != 0)
        return error_set(error, -EINVAL,
                         "%s is no record that this version reads: its schema is \"%s\", not \"%s\"",
                         reader->path, schema, RECORD_SCHEMA);
    for (size_t i = 0; i < VMS_LENGTH(texts); i++)
        if (!json_is_string(json_object_get(reader->head, texts[i])))
            return error_set(error, -EINVAL, "%s is no whole record: it has no \"%s\"", reader->path,
                             texts[i]);
    return 0;
}

static int map_file(struct reader *reader, struct vms_error *error) {
    cleanup_close int fd = open(reader->path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    void *text;

    if (fd < 0 || fstat(fd, &info) < 0)
        return error_set(error, -errno, "cannot read %s: %s", reader->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(error, -EINVAL, "%s is no file", reader->path);
    if (info.st_size == 0)
        return error_set(error, -EINVAL, "%s is empty", reader->path);
    text = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED)
        return error_set(error, -errno, "cannot read %s: %s", reader->path, strerror(errno));
    reader->text = text;
    reader->length = (size_t)info.st_size;
    return 0;
}

int reader_open(const char *path, struct reader **ret_reader, struct vms_error *error) {
    struct reader *reader = calloc(1, sizeof(*reader));
    int status;

    if (reader) {
        reader->path = strdup(path);
        reader->head = json_object();
    }
    if (!reader || !reader->path || !reader->head)
        status = error_memory(error);
    else
        status = map_file(reader, error);
    if (status == 0)
        status = scan(reader, error);
    if (status == 0)
        status = check_head(reader, error);
    if (status < 0)
        reader_close(reader);
    else
        *ret_reader = reader;
    return status;
}

void reader_close(struct reader *reader) {
    if (!reader)
        return;
    if (reader->text)
        (void)munmap(reader->text, reader->length);
    json_decref(reader->head);
    free(reader->cases);
    free(reader->path);
    free(reader);
}

const json_t *reader_head(const struct reader *reader) {
    return reader->head;
}

const char *reader_text(const struct reader *reader, const char *key) {
    const char *text = json_string_value(json_object_get(reader->head, key));

    return text ? text : "";
}

const char *reader_path(const struct reader *reader) {
    return reader->path;
}

size_t reader_n_cases(const struct reader *reader) {
    return reader->n_cases;
}

int reader_case(const struct reader *reader, size_t index, json_t **ret_case, struct vms_error *error) {
    static const struct {
        const char *key;
        json_type type;
    } members[] = {{"group", JSON_STRING},  {"module", JSON_STRING}, {"resource", JSON_STRING},
                   {"status", JSON_STRING}, {"params", JSON_OBJECT}, {"trials", JSON_ARRAY},
                   {"summary", JSON_ARRAY}};
    json_t *json = NULL;
    int status = load(reader, reader->cases[index], &json, error);

    for (size_t i = 0; status == 0 && i < VMS_LENGTH(members); i++) {
        const json_t *member = json_object_get(json, members[i].key);

        if (!member || json_typeof(member) != members[i].type)
            status = error_set(error, -EINVAL, "%s, case %zu: \"%s\" is missing or of the wrong type",
                               reader->path, index + 1, members[i].key);
    }
    if (status < 0)
        json_decref(json);
    else
        *ret_case = json;
    return status;
}

int reader_open_all(char *const *paths, size_t n_paths, struct reader ***ret_readers,
                    struct vms_error *error) {
    struct reader **readers = calloc(n_paths + 1, sizeof(struct reader *));
    int status = readers ? 0 : error_memory(error);

    for (size_t i = 0; status == 0 && i < n_paths; i++)
        status = reader_open(paths[i], &readers[i], error);
    if (status < 0)
        reader_close_all(readers, n_paths);
    else
        *ret_readers = readers;
    return status;
}

void reader_close_all(struct reader **readers, size_t n_readers) {
    for (size_t i = 0; readers && i < n_readers; i++)
        reader_close(readers[i]);
    free(readers);
}
