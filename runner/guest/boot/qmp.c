/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/qmp.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define EXITS "exits" /* all of them, in KVM's words */
#define PATIENCE_S 2
#define BLOCK 4096
#define LINE_MOST ((size_t)1 << 20) /* bytes */
#define EVENTS_MOST 1000            /* between a command and its answer */

/* A line, or what there is of it before the end; NULL: nothing, or more than anything that we ask for. */
static char *read_text(FILE *stream) {
    cleanup_free char *text = NULL;
    char block[BLOCK] = "";
    size_t size = 0, length = 0;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    while (length < LINE_MOST && !strchr(block, '\n') && fgets(block, sizeof(block), stream)) {
        (void)fputs(block, to);
        length += strlen(block);
    }
    return fclose(to) == 0 && length > 0 && length < LINE_MOST ? TAKE(text) : NULL;
}

/* Each thing that QEMU says is a line. NULL: it has gone, takes too long, or says too much. */
static json_t *read_line(struct qmp *qmp) {
    cleanup_free char *line = NULL;

    clearerr(qmp->stream);
    line = read_text(qmp->stream);
    return line ? json_loads(line, 0, NULL) : NULL;
}

static int connect_to(const char *path) {
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return TAKE_FD(fd);
}

int qmp_open(const char *path, struct qmp *ret_qmp, struct vms_error *error) {
    struct qmp qmp = {NULL};
    json_auto_t *greeting = NULL;
    int fd = connect_to(path), status;

    if (fd < 0)
        return error_set(error, fd, "QEMU's monitor %s: %s", path, strerror(-fd));
    qmp.stream = fdopen(fd, "re");
    if (!qmp.stream) {
        (void)close(fd);
        return error_memory(error);
    }
    greeting = read_line(&qmp);
    status = json_object_get(greeting, "QMP") ? qmp_ask(&qmp, "qmp_capabilities", NULL, NULL, error)
                                              : error_set(error, -EIO, "%s: QEMU sent no greeting", path);
    if (status < 0)
        qmp_close(&qmp);
    else
        *ret_qmp = qmp;
    return status;
}

void qmp_close(struct qmp *qmp) {
    if (qmp->stream)
        (void)fclose(qmp->stream);
    qmp->stream = NULL;
}

/* Past the stream, which only reads. */
static int put(struct qmp *qmp, const char *command, json_t *arguments) {
    json_auto_t *json = arguments ? json_pack("{s:s, s:o}", "execute", command, "arguments", arguments)
                                  : json_pack("{s:s}", "execute", command);
    cleanup_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    cleanup_free char *line = text ? text_new("%s\n", text) : NULL;

    if (!line)
        return -ENOMEM;
    return send(fileno(qmp->stream), line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line) ? 0 : -EIO;
}

/* 1: it is not the answer. */
static int take(json_t *said, const char *command, json_t **ret_answer, struct vms_error *error) {
    json_t *answer = json_object_get(said, "return");
    const char *refused = json_string_value(json_object_get(json_object_get(said, "error"), "desc"));

    if (refused)
        return error_set(error, -EIO, "QEMU's monitor refused %s: %.200s", command, refused);
    if (!answer)
        return 1;
    if (ret_answer)
        *ret_answer = json_incref(answer);
    return 0;
}

int qmp_ask(struct qmp *qmp, const char *command, json_t *arguments, json_t **ret_answer,
            struct vms_error *error) {
    if (!qmp->stream) {
        json_decref(arguments);
        return error_set(error, -EIO, "QEMU's monitor is not open");
    }
    if (put(qmp, command, arguments) == 0)
        for (unsigned i = 0; i < EVENTS_MOST; i++) {
            json_auto_t *said = read_line(qmp);
            int status = said ? take(said, command, ret_answer, error) : -EPIPE;

            if (status == -EPIPE)
                break;
            if (status <= 0)
                return status;
        }
    qmp_close(qmp);
    return error_set(error, -EIO, "QEMU's monitor does not answer %s", command);
}

static double add_known(double sum, double number) {
    return isnan(sum) ? number : sum + number;
}

/* Where a count goes that KVM calls so; NULL: nowhere. */
static double *find_count(struct host_counts *counts, const char *name) {
    if (strcmp(name, EXITS) == 0)
        return &counts->exits;
    for (size_t i = 0; i < HOST_REASONS; i++)
        if (host_counts_kvm_names[i] && strcmp(name, host_counts_kvm_names[i]) == 0)
            return &counts->reasons[i];
    return NULL;
}

/* [{"stats": [{"name": "exits", "value": 12}, ...]}, ...]: one of each processor. */
static void add_stats(const json_t *processor, struct host_counts *counts) {
    const json_t *stat;
    size_t i;

    json_array_foreach (json_object_get(processor, "stats"), i, stat) {
        const char *name = json_string_value(json_object_get(stat, "name"));
        const json_t *value = json_object_get(stat, "value");

        double *count = name && json_is_number(value) ? find_count(counts, name) : NULL;

        if (count)
            *count = add_known(*count, json_number_value(value));
    }
}

static json_t *new_names(void) {
    json_t *names = json_array();

    (void)json_array_append_new(names, json_string(EXITS));
    for (size_t i = 0; i < HOST_REASONS; i++)
        if (host_counts_kvm_names[i])
            (void)json_array_append_new(names, json_string(host_counts_kvm_names[i]));
    return names;
}

void qmp_count_exits(struct qmp *qmp, struct host_counts *counts) {
    json_auto_t *answer = NULL;
    struct vms_error ignored;
    const json_t *processor;
    size_t i;

    if (!qmp->stream || qmp_ask(qmp, "query-stats",
                                json_pack("{s:s, s:[{s:s, s:o}]}", "target", "vcpu", "providers", "provider",
                                          "kvm", "names", new_names()),
                                &answer, &ignored) < 0)
        return;
    json_array_foreach (answer, i, processor)
        add_stats(processor, counts);
    counts->device_exits = counts->reasons[HOST_REASON_PORT] + counts->reasons[HOST_REASON_MMIO];
}
