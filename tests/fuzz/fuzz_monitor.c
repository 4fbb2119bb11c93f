/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever comes from QEMU's monitor, it is an answer, or there is a sentence. */
#include "guest/boot/qmp.h"
#include "input.h"

#include <math.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX 65536 /* what the socket pair holds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct host_counts counts;
    struct vms_error error = {""};
    struct qmp qmp = {NULL};
    json_t *answer = NULL;
    int pair[2], status;

    if (size > INPUT_MAX)
        return 0;
    for (size_t i = 0; i < HOST_COUNTS; i++)
        *host_counts_member(&counts, i) = NAN;
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    require(send(pair[1], data, size, 0) == (ssize_t)size && shutdown(pair[1], SHUT_WR) == 0);
    qmp.stream = fdopen(pair[0], "re");
    require(qmp.stream != NULL);
    qmp_count_exits(&qmp, &counts);
    status = qmp_ask(&qmp, "query-status", NULL, &answer, &error);
    require(status == 0 ? answer != NULL : error.text[0] != '\0');
    json_decref(answer);
    qmp_close(&qmp);
    (void)close(pair[1]);
    return 0;
}
