/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of one boot: disks, archives and token, in a private folder, which is removed after the boot;
 * what a killed program left is removed by the next boot in the same place. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_BOOT_FILES_H
#define VMSUITE_RUNNER_GUEST_BOOT_BOOT_FILES_H

#include "common/scratch.h"

struct boot_files {
    struct scratch folder;
    char *job, *record;    /* the archive with the job; the disk by which the record leaves, empty, or NULL */
    char *scratch, *token; /* the disk that disk cases write to, and the peer's secret; NULL: none */
};

/* Makes the folder in $TMPDIR (/var/tmp), and in it a scratch disk of that size (0: none), with a file system
 * of the label by which the guest knows it, in a file of that format, as qemu-img calls it;
 * boot_files_add_record adds the record's disk. All files are closed to group and others. */
int boot_files_make(uint64_t scratch_size, const char *format, struct boot_files *ret_files,
                    struct vms_error *error);

int boot_files_add_record(struct boot_files *files, struct vms_error *error);

/* Adds a new secret for the peer. */
int boot_files_add_token(struct boot_files *files, struct vms_error *error);

/* Removes all of it; accepts files that were never made. */
void boot_files_done(struct boot_files *files);

/* Creates the file that a boot's console is kept in: FOLDER/NAME-TIME.console.log, or with a number where
 * that is taken; what stands there is neither followed nor replaced. Returns the descriptor and the path,
 * which the caller frees; a negative errno with a sentence. */
int boot_files_console(const char *folder, const char *name, char **ret_path, struct vms_error *error);

#endif
