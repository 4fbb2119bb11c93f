/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/write/journal.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/transfer.h"
#include "output/output.h"
#include "output/way.h"
#include "record/text/json_writer.h"
#include "record/value.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

struct journal {
    int fd;
    char *path;
    off_t length; /* of the whole lines; what lies beyond is torn */
};

static int refuse(struct vms_error *error, const char *what, const char *path, int code) {
    return error_set(error, -code, "cannot %s the journal %s: %s", what, path, strerror(code));
}

bool journal_is_trusted(int folder, const struct stat *info) {
    struct stat above;

    return S_ISREG(info->st_mode) && fstat(folder, &above) == 0 &&
           (info->st_uid == geteuid() || info->st_uid == 0 || info->st_uid == above.st_uid);
}

bool journal_is_trusted_at(int folder, const char *name) {
    struct stat info;

    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && journal_is_trusted(folder, &info);
}

static int open_own(const char *path, int flags, struct vms_error *error) {
    const char *name;
    cleanup_close int folder = way_open_above(path, &name, error), fd = -1;
    struct stat info;

    if (folder < 0)
        return folder == -EACCES && error && *error->text ? folder : refuse(error, "open", path, -folder);
    fd = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) < 0)
        return refuse(error, "open", path, errno);
    if (!journal_is_trusted(folder, &info))
        return error_set(error, -EPERM,
                         "%s is not a journal of yours: a run is resumed only from a journal of its own user",
                         path);
    return TAKE_FD(fd);
}

/* Takes over `fd`. The lock keeps a second run from writing into the same journal. */
static int new_journal(int fd, const char *path, struct journal **ret_journal, struct vms_error *error) {
    struct journal *journal = calloc(1, sizeof(*journal));

    if (!journal || !(journal->path = strdup(path))) {
        free(journal);
        (void)close(fd);
        return error_memory(error);
    }
    journal->fd = fd;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int code = errno;

        journal_close(journal);
        if (code == EWOULDBLOCK)
            return error_set(error, -EBUSY, "another run is writing the journal %s: wait for it or stop it",
                             path);
        return refuse(error, "lock", path, code);
    }
    *ret_journal = journal;
    return 0;
}

void journal_close(struct journal *journal) {
    if (!journal)
        return;
    (void)close(journal->fd);
    free(journal->path);
    free(journal);
}

/* Appends a line and makes it safe. A line that does not fit is taken back, so that the next one starts at
 * the beginning of a line. */
int journal_append_line(struct journal *journal, const json_t *json, struct vms_error *error) {
    cleanup_free char *text = json_line(json);
    size_t length;
    int status;

    if (!text)
        return error_memory(error);
    length = strlen(text);
    text[length] = '\n'; /* over the NUL: the length is what counts from here */
    status = transfer_write_at(journal->fd, text, length + 1, journal->length);
    if (status == 0 && fsync(journal->fd) < 0)
        status = -errno;
    if (status < 0) {
        if (ftruncate(journal->fd, journal->length) < 0)
            return error_set(error, status, "cannot write the journal %s: %s; its last line is torn",
                             journal->path, strerror(-status));
        return refuse(error, "write", journal->path, -status);
    }
    journal->length += (off_t)length + 1;
    return 0;
}

int journal_create(const char *path, const json_t *header, struct journal **ret_journal,
                   struct vms_error *error) {
    struct journal *journal = NULL;
    struct vms_error own = {""};
    int status, fd = way_create(path, &own);

    if (fd < 0)
        return *own.text ? error_set(error, fd, "%s", own.text) : refuse(error, "create", path, -fd);
    status = new_journal(fd, path, &journal, error);
    if (status == 0)
        status = journal_append_line(journal, header, error);
    if (status == 0) {
        status = output_sync_name(path);
        if (status < 0)
            (void)refuse(error, "make safe", path, -status);
    }
    if (status < 0) {
        journal_close(journal);
        (void)way_remove(path);
        return status;
    }
    *ret_journal = journal;
    return 0;
}

/* The file's bytes. */
static int read_file(int fd, char **ret_text, size_t *ret_length) {
    cleanup_free char *text = NULL;
    struct stat info;
    int status;

    if (fstat(fd, &info) < 0)
        return -errno;
    text = malloc((size_t)info.st_size + 1);
    if (!text)
        return -ENOMEM;
    status = transfer_read_at(fd, text, (size_t)info.st_size, 0, ret_length);
    if (status < 0 && status != -ENODATA)
        return status;
    *ret_text = TAKE(text);
    return 0;
}

struct scan {
    json_t *lines; /* every whole line, the header first; owned by the caller */
    size_t length; /* of these lines in the file */
};

/* Reads line by line. What follows the last line that is whole is torn, and passed over; a broken line with
 * whole lines behind it is no accident, and refused. */
static int scan_text(const char *path, const char *text, size_t length, struct scan *scan,
                     struct vms_error *error) {
    size_t start = 0, broken = 0;

    for (size_t number = 1; start < length; number++) {
        const char *end = memchr(text + start, '\n', length - start);
        json_auto_t *line = NULL;

        if (!end)
            break;
        line = json_loadb(text + start, (size_t)(end - text) - start, JSON_REJECT_DUPLICATES, NULL);
        start = (size_t)(end - text) + 1;
        if (!json_is_object(line)) {
            broken = broken ? broken : number;
            continue;
        }
        if (broken)
            return error_set(error, -EINVAL, "line %zu of the journal %s is damaged", broken, path);
        if (json_array_append(scan->lines, line) < 0)
            return error_memory(error);
        scan->length = start;
    }
    if (json_array_size(scan->lines) == 0)
        return error_set(error, -ENODATA,
                         "%s does not begin with a complete journal header: remove it and run again", path);
    return 0;
}

static int check_header(const char *path, const json_t *header, struct vms_error *error) {
    const char *schema = json_string_value(json_object_get(header, "schema"));

    if (!schema || strcmp(schema, JOURNAL_SCHEMA) != 0)
        return error_set(error, -EINVAL,
                         "%s is not a journal that this version reads: its schema is \"%s\", not \"%s\"",
                         path, schema ? schema : "", JOURNAL_SCHEMA);
    return 0;
}

static int scan_file(int fd, const char *path, struct scan *ret_scan, struct vms_error *error) {
    cleanup_free char *text = NULL;
    json_auto_t *lines = json_array();
    struct scan scan = {.lines = lines};
    size_t length = 0;
    int status = read_file(fd, &text, &length);

    if (status < 0 || !lines)
        return refuse(error, "read", path, status < 0 ? -status : ENOMEM);
    status = scan_text(path, text, length, &scan, error);
    if (status == 0)
        status = check_header(path, json_array_get(lines, 0), error);
    if (status < 0)
        return status;
    scan.lines = TAKE(lines);
    *ret_scan = scan;
    return 0;
}

int journal_read(const char *path, json_t **ret_header, json_t **ret_lines, struct vms_error *error) {
    cleanup_close int fd = open_own(path, O_RDONLY, error);
    struct scan scan;
    json_t *header;
    int status;

    if (fd < 0)
        return fd;
    status = scan_file(fd, path, &scan, error);
    if (status < 0)
        return status;
    header = json_incref(json_array_get(scan.lines, 0));
    (void)json_array_remove(scan.lines, 0);
    *ret_header = header;
    *ret_lines = scan.lines;
    return 0;
}

int journal_open(const char *path, struct journal **ret_journal, struct vms_error *error) {
    struct journal *journal = NULL;
    struct scan scan;
    int status, fd = open_own(path, O_RDWR, error);

    if (fd < 0)
        return fd;
    status = new_journal(fd, path, &journal, error);
    if (status < 0)
        return status;
    status = scan_file(fd, path, &scan, error);
    if (status < 0) {
        journal_close(journal);
        return status;
    }
    json_decref(scan.lines);
    journal->length = (off_t)scan.length;
    if (ftruncate(fd, journal->length) < 0 || fsync(fd) < 0) {
        status = refuse(error, "cut the torn line off", path, errno);
        journal_close(journal);
        return status;
    }
    *ret_journal = journal;
    return 0;
}

int journal_append(struct journal *journal, const struct outcome_case *outcome,
                   const struct outcome_trial *trial, struct vms_error *error) {
    json_auto_t *line = json_object(), *body = record_trial(outcome, trial);
    int failed = 0;

    failed |= value_set(line, "case", json_integer(outcome->id));
    failed |= json_object_update(line, body);
    failed |= value_set(line, "case_facts", record_facts(&outcome->facts));
    failed |= value_set(line, "case_path", value_text(outcome->path));
    line = value_finish(line, failed);
    if (!line)
        return error_memory(error);
    return journal_append_line(journal, line, error);
}

int journal_append_case(struct journal *journal, const struct outcome_case *outcome,
                        struct vms_error *error) {
    json_auto_t *line = json_object();
    int failed = 0;

    failed |= value_set(line, "case", json_integer(outcome->id));
    failed |= value_set(line, "case_status", value_text(outcome_status_name(outcome->status)));
    failed |= value_set(line, "reason", value_text(outcome->reason));
    line = value_finish(line, failed);
    if (!line)
        return error_memory(error);
    return journal_append_line(journal, line, error);
}

static int apply_status(struct outcome_case *outcome, const json_t *line, struct vms_error *error) {
    const char *name = json_string_value(json_object_get(line, "case_status"));
    const char *reason = json_string_value(json_object_get(line, "reason"));

    if (!name || !reason || outcome_status_from_name(name, &outcome->status) < 0)
        return error_set(error, -EINVAL, "\"case_status\" must be a status, with a reason");
    free(outcome->reason);
    outcome->reason = strdup(reason);
    return outcome->reason ? 0 : error_memory(error);
}

/* Journals of older versions do not have it. */
static int apply_path(struct outcome_case *outcome, const json_t *path, struct vms_error *error) {
    static const char *const paths[] = {"loopback", "network"};

    for (size_t i = 0; json_is_string(path) && i < sizeof(paths) / sizeof(paths[0]); i++)
        if (strcmp(json_string_value(path), paths[i]) == 0)
            outcome->path = paths[i];
    if (path && !json_is_null(path) && (!json_is_string(path) || !outcome->path))
        return error_set(error, -EINVAL, "\"case_path\" must be \"loopback\", \"network\" or null");
    return 0;
}

static int apply_trial(struct outcome_case *outcome, const json_t *line, struct vms_error *error) {
    struct outcome_trial trial;
    int status = record_read_trial(outcome, line, &trial, error);

    if (status < 0)
        return status;
    status = record_read_facts(json_object_get(line, "case_facts"), &outcome->facts, error);
    if (status == 0)
        status = apply_path(outcome, json_object_get(line, "case_path"), error);
    if (status == 0 && outcome_case_add(outcome, &trial) < 0)
        status = error_memory(error);
    if (status < 0)
        outcome_trial_done(&trial);
    return status;
}

int journal_apply(struct outcome_run *run, const json_t *line, struct vms_error *error) {
    json_int_t id = json_integer_value(json_object_get(line, "case"));

    for (size_t i = 0; i < run->n_cases; i++)
        if (run->cases[i].id == id)
            return json_object_get(line, "case_status") ? apply_status(&run->cases[i], line, error)
                                                        : apply_trial(&run->cases[i], line, error);
    return error_set(error, -EINVAL, "the journal names case %lld, which the plan does not have",
                     (long long)id);
}
