/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fork, exec and wait. What is executed is a program of one system call, exit_group(0), made here in memory:
 * the same on every machine, whatever shell or C library it has. */
#include "cpu/machine.h"
#include "cpu/probe.h"
#include "shared/case/report.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADDRESS 0x400000 /* where the program is loaded */
#define CODE_MOST 64

struct program {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    uint8_t code[CODE_MOST];
};

static void fill_program(struct program *program, const uint8_t *code, size_t length, uint16_t machine) {
    *program = (struct program){
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = machine,
                   .e_version = EV_CURRENT,
                   .e_entry = ADDRESS + offsetof(struct program, code),
                   .e_phoff = offsetof(struct program, segment),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 1},
        .segment = {.p_type = PT_LOAD,
                    .p_flags = PF_R | PF_X,
                    .p_vaddr = ADDRESS,
                    .p_paddr = ADDRESS,
                    .p_filesz = sizeof(struct program),
                    .p_memsz = sizeof(struct program),
                    .p_align = 0x10000},
    };
    memcpy(program->code, code, length);
}

/* Since Linux 6.3 a file in memory has to be meant to be executed (vm.memfd_noexec); kernels before do not
 * know it. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

static int make_file(void) {
    static const char name[] = "vmsuite-exit";
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_EXEC);

    return fd < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC) : fd;
}

static int begin(struct bench *bench, struct vms_error *error) {
    struct program program;
    size_t length = 0;
    uint16_t machine = 0;
    const uint8_t *code = machine_exit_code(&length, &machine);
    int fd = code ? make_file() : -1;

    if (fd < 0)
        return report_error(error, code ? -errno : -ENOTSUP, "making a program in memory: %s",
                            strerror(code ? errno : ENOTSUP));
    fill_program(&program, code, length, machine);
    if (write(fd, &program, sizeof(program)) != (ssize_t)sizeof(program)) {
        (void)close(fd);
        return report_error(error, -EIO, "writing a program of %zu bytes into memory failed",
                            sizeof(program));
    }
    bench->state = (void *)(intptr_t)fd;
    return 0;
}

static int spawn(struct bench *bench, size_t n, struct vms_error *error) {
    int fd = (int)(intptr_t)bench->state;

    for (size_t i = 0; i < n; i++) {
        int status = -1;
        pid_t child = fork();

        if (child == 0) {
            char *const none[] = {NULL};

            (void)syscall(SYS_execveat, fd, "", none, none, AT_EMPTY_PATH);
            _exit(127);
        }
        if (child < 0)
            return report_error(error, -errno, "fork: %s", strerror(errno));
        if (waitpid(child, &status, 0) != child || status != 0)
            return report_error(error, -EBADMSG, "verification failed: the program ended with status %d",
                                status);
    }
    return 0;
}

static int end(struct bench *bench, struct vms_error *error) {
    (void)error;
    (void)close((int)(intptr_t)bench->state);
    return 0;
}

const struct probe probe_fork_exec = {
    .metric = METRIC_FORK_EXEC, .per_operation = 1, .begin = begin, .run = spawn, .end = end};
