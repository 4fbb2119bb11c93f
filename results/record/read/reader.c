/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/read/reader.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "record/document_kind.h"
#include "record/file/record_file.h"
#include "record/json.h"
#include "record/view/view_read.h"
#include "record/write/record.h"

#include <string.h>

struct reader {
    struct record_file file;
    struct outline outline;
    struct record_buffer buffer;
    struct view_head head;
};

/* Loads a stretch of the head with Jansson. */
static int load(struct reader *reader, struct extent extent, json_t **ret_json, struct vms_error *error) {
    json_error_t cause;
    const char *text;
    json_t *json;
    int status = record_file_read(&reader->file, extent, &reader->buffer, &text, error);

    if (status < 0)
        return status;
    json = json_loadb(text, extent.end - extent.start, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &cause);
    if (!json)
        return record_file_refuse(&reader->file, extent.start + (uint64_t)cause.position, -EINVAL, cause.text,
                                  error);
    *ret_json = json;
    return 0;
}

static int load_member(struct reader *reader, const struct outline_member *member, json_t *document,
                       struct vms_error *error) {
    json_auto_t *key = NULL, *value = NULL;
    int status = load(reader, (struct extent){member->key.start - 1, member->key.end + 1}, &key, error);

    if (status == 0)
        status = load(reader, member->value, &value, error);
    if (status < 0)
        return status;
    if (json_object_get(document, json_string_value(key)))
        return record_file_refuse(&reader->file, member->key.start, -EINVAL, "this member appears twice",
                                  error);
    return json_object_set(document, json_string_value(key), value) < 0 ? error_memory(error) : 0;
}

static int check_document(const struct reader *reader, const json_t *document, struct vms_error *error) {
    static const char *const texts[] = {"run_id", "configuration", "started_at", "status"};
    const char *path = reader->file.path, *schema = json_text(document, "schema");
    enum document_kind kind = kind_of(document);

    if (kind != KIND_RECORD && (kind != KIND_UNKNOWN || !*schema))
        return error_set(error, -EINVAL, "%s is %s, not a record; %s", path, kind_name(kind), kind_use(kind));
    if (strcmp(schema, RECORD_SCHEMA) != 0)
        return error_set(error, -EINVAL,
                         "%s is not a record that this version reads: its schema is \"%s\", not \"%s\"", path,
                         schema, RECORD_SCHEMA);
    for (size_t i = 0; i < VMS_LENGTH(texts); i++)
        if (!json_is_string(json_object_get(document, texts[i])))
            return error_set(error, -EINVAL, "%s is not a complete record: it has no \"%s\"", path, texts[i]);
    if (!reader->outline.has_cases)
        return error_set(error, -EINVAL, "%s is not a complete record: it has no \"cases\"", path);
    return 0;
}

static int load_head(struct reader *reader, struct vms_error *error) {
    json_auto_t *document = json_object();
    const char *sentence = ERROR_MEMORY;
    int status = document ? 0 : error_memory(error);

    for (size_t i = 0; status == 0 && i < reader->outline.n_members; i++)
        status = load_member(reader, &reader->outline.members[i], document, error);
    if (status == 0)
        status = check_document(reader, document, error);
    if (status < 0)
        return status;
    status = view_read_head(TAKE(document), &reader->head, &sentence);
    return status < 0 ? error_set(error, status, "%s: %s", reader->file.path, sentence) : 0;
}

int reader_open(const char *path, struct reader **ret_reader, struct vms_error *error) {
    struct reader *reader = calloc(1, sizeof(*reader));
    int status;

    if (!reader)
        return error_memory(error);
    status = record_file_open(&reader->file, path, error);
    if (status == 0)
        status = record_file_outline(&reader->file, &reader->outline, error);
    if (status == 0)
        status = load_head(reader, error);
    if (status < 0)
        reader_close(reader);
    else
        *ret_reader = reader;
    return status;
}

void reader_close(struct reader *reader) {
    if (!reader)
        return;
    view_head_done(&reader->head);
    outline_done(&reader->outline);
    record_buffer_done(&reader->buffer);
    record_file_done(&reader->file);
    free(reader);
}

const struct view_head *reader_head(const struct reader *reader) {
    return &reader->head;
}

const char *reader_path(const struct reader *reader) {
    return reader->file.path;
}

size_t reader_n_cases(const struct reader *reader) {
    return reader->outline.cases.n;
}

/* The row of that name, or NULL; `expected` is tried first. */
static const struct view_module_row *find_row(const struct view_module_row *rows, size_t n_rows,
                                              const char *name, size_t expected) {
    if (expected < n_rows && strcmp(rows[expected].name, name) == 0)
        return &rows[expected];
    for (size_t i = 0; i < n_rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static void fill_facts(const struct view_module *module, const struct view_fact *facts, size_t n_facts) {
    for (size_t i = 0; i < n_facts; i++) {
        const struct view_module_row *row = find_row(module->facts, module->n_facts, facts[i].key, i);

        if (row)
            ((struct view_fact *)facts)[i].role = row->role;
    }
}

/* Fills in what the module's tables say, as the record holds them. */
static void fill_roles(const struct view_head *head, struct view_case *outcome) {
    const struct view_module *module = head->modules, *end = head->modules + head->n_modules;

    while (module < end && strcmp(module->name, outcome->module) != 0)
        module++;
    if (module == end)
        return;
    for (size_t i = 0; i < outcome->n_params; i++) {
        struct view_param *param = (struct view_param *)&outcome->params[i];
        const struct view_module_row *row = find_row(module->params, module->n_params, param->name, i);

        if (row) {
            param->kind = row->kind;
            param->role = row->role;
        }
    }
    fill_facts(module, outcome->facts, outcome->n_facts);
    for (size_t i = 0; i < outcome->n_trials; i++)
        fill_facts(module, outcome->trials[i].facts, outcome->trials[i].n_facts);
}

static int read_case(struct reader *reader, size_t index, void (*read)(struct scan *, struct view_case *),
                     struct view_case *outcome, struct vms_error *error) {
    const struct extent extent = reader->outline.cases.extents[index];
    char sentence[SCAN_SENTENCE_SIZE + 32];
    const char *text;
    struct scan scan;
    int status = record_file_read(&reader->file, extent, &reader->buffer, &text, error);

    if (status < 0)
        return status;
    arena_reset(&outcome->arena);
    scan_init(&scan, text, extent.end - extent.start, &outcome->arena);
    read(&scan, outcome);
    if (!scan.failed) {
        fill_roles(&reader->head, outcome);
        return 0;
    }
    (void)snprintf(sentence, sizeof(sentence), "case %zu: %s", index + 1, scan.sentence);
    return record_file_refuse(&reader->file, extent.start + (uint64_t)(scan.failed_at - text),
                              scan.no_memory ? -ENOMEM : -EINVAL, sentence, error);
}

int reader_case(struct reader *reader, size_t index, struct view_case *outcome, struct vms_error *error) {
    return read_case(reader, index, view_read_case, outcome, error);
}

int reader_case_params(struct reader *reader, size_t index, struct view_case *outcome,
                       struct vms_error *error) {
    return read_case(reader, index, view_read_params, outcome, error);
}

void reader_case_done(struct view_case *outcome) {
    arena_done(&outcome->arena);
}

const json_t *reader_document(const struct reader *reader) {
    return reader->head.document;
}

const char *reader_text(const struct reader *reader, const char *key) {
    return json_text(reader->head.document, key);
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
