/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/host_client.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/exit_status.h"
#include "output/stream.h"
#include "peer/server/server.h"
#include "record/file/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int host_client_check(const struct configuration *configuration, struct vms_error *error) {
    for (size_t i = 0; i < configuration->suite.n_benchmarks; i++) {
        const struct vms_module *module = configuration->suite.benchmarks[i].module;

        if (!(module->needs & VMS_NEEDS_PEER))
            return error_set(
                error, -EINVAL,
                "\"role\": \"serves\": %s would measure this host and not the guest; choose cases "
                "with a peer (--only)",
                module->name);
    }
    for (size_t i = 0; i < configuration->claims.n_expectations; i++)
        if (strcmp(configuration->claims.expectations[i].key, "virtualization") != 0)
            return error_set(
                error, -EINVAL,
                "\"role\": \"serves\": a guest that serves reports only its virtualization; leave "
                "\"%s\" out of \"expect\"",
                configuration->claims.expectations[i].key);
    return 0;
}

/* Holds what the configuration expects against what the guest takes itself for. */
static int check_claims(const struct claims *claims, struct guest_process *process, struct vms_error *error) {
    const struct machine machine = {.virtualization = process->text.detected};
    cleanup_free char *sentences = NULL;
    int broken;

    if (!process->text.detected[0])
        return error_set(error, -EIO, "it did not report its virtualization");
    broken = expectations_check(&machine, claims->expectations, claims->n_expectations, NULL, &sentences);
    if (broken <= 0)
        return broken;
    process->text.exit_status = EXIT_MISMATCH;
    return error_set(error, -EINVAL, "it is not what the configuration expects: %s", sentences);
}

/* Measures in a process of its own, so that the guest is watched meanwhile; the record goes to `path`. */
static _Noreturn void measure(const struct configuration *configuration, const struct module_list *modules,
                              const struct measure_options *options, const char *path, pid_t parent) {
    struct measure_options to_stdout = *options;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    __fpurge(stdout); /* what is in it is the parent's to write */
    if (getppid() != parent || fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
        _exit(1);
    to_stdout.output = "-";
    if (to_stdout.progress != PROGRESS_NONE)
        to_stdout.progress = PROGRESS_PLAIN; /* stdout is the record's alone */
    exit(stream_end("vmsuite run", measure_configuration(configuration, modules, &to_stdout), EXIT_FAILED));
}

static int watch(pid_t client, struct guest_process *process, const struct boot_limits *limits,
                 struct vms_error *error) {
    int status;

    process->until = CONSOLE_STARTED;
    process->beside = (int)syscall(SYS_pidfd_open, client, 0);
    if (process->beside < 0)
        status = error_set(error, -errno, "the client cannot be watched: %s", strerror(errno));
    else
        status = guest_process_wait(process, limits, error);
    if (status < 0)
        (void)kill(client, SIGTERM);
    (void)waitpid(client, NULL, 0);
    if (process->beside > 0)
        (void)close(process->beside);
    process->beside = 0;
    return status;
}

static int run_client(const struct host_client *client, const struct configuration *against, const char *path,
                      struct guest_process *process, struct vms_error *error) {
    pid_t parent = getpid(), child;

    (void)fflush(NULL);
    child = fork();
    if (child < 0)
        return error_set(error, -errno, "the client cannot be started: %s", strerror(errno));
    if (child == 0)
        measure(against, client->modules, client->options, path, parent);
    return watch(child, process, &client->limits, error);
}

int host_client_measure(const struct host_client *client, struct guest_process *process, json_t **ret_record,
                        struct vms_error *error) {
    struct configuration against = *client->configuration;
    const char *address = client->configuration->guest.address;
    cleanup_free char *path = text_new("%s/record.json", client->folder);
    int status;

    if (!path)
        return error_memory(error);
    against.has_peer = true;
    against.peer = (struct peer_address){.port = PEER_PORT};
    (void)snprintf(against.peer.host, sizeof(against.peer.host), "%.*s", (int)strcspn(address, "/"), address);
    process->until = CONSOLE_SERVING;
    status = guest_process_wait(process, &client->limits, error);
    if (status == 0)
        status = check_claims(&client->configuration->claims, process, error);
    if (status == 0)
        status = token_read(client->token_file, &against.peer.token, error);
    if (status < 0)
        return status;
    status = run_client(client, &against, path, process, error);
    token_done(&against.peer.token);
    if (status < 0)
        return status;
    *ret_record = store_read(path, NULL);
    return *ret_record ? 0 : error_set(error, -EIO, "the host's run against it left no record");
}
