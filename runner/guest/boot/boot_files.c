/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/boot_files.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/exchange/handout.h"
#include "guest/launchers/tuning.h"
#include "guest/tools/tool.h"
#include "output/way.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FOLDER_PREFIX "vmsuite-guest-"
#define RAW_NAME "scratch.raw"
#define MKE2FS_DEADLINE_S 120
#define CONVERT_DEADLINE_S 600
#define CONSOLES_MAX 100 /* of one configuration in one second */

/* A sparse file with a file system. */
static int make_scratch_disk(const char *path, off_t size, struct vms_error *error) {
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const char *argv[] = {"mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-L", HANDOUT_SCRATCH_LABEL,
                          path,     NULL};

    if (fd < 0 || ftruncate(fd, size) < 0)
        return error_set(error, -errno, "%s cannot be made: %s", path, strerror(errno));
    return tool_run(&(struct tool){.argv = argv, .deadline_s = MKE2FS_DEADLINE_S}, NULL, error);
}

/* The same in a file of another format, converted from a raw one, which goes. */
static int make_converted_disk(const struct boot_files *files, off_t size, const char *format,
                               struct vms_error *error) {
    cleanup_free char *raw = text_new("%s/" RAW_NAME, files->folder.folder);
    const char *argv[] = {TUNING_IMAGE_TOOL, "convert", "-f", "raw", "-O", format, raw, files->scratch, NULL};
    int status = raw ? make_scratch_disk(raw, size, error) : error_memory(error);

    if (status == 0)
        status = tool_run(&(struct tool){.argv = argv, .deadline_s = CONVERT_DEADLINE_S}, NULL, error);
    (void)unlinkat(files->folder.fd, RAW_NAME, 0);
    return status;
}

int boot_files_make(uint64_t scratch_size, const char *format, struct boot_files *ret_files,
                    struct vms_error *error) {
    const char *given = getenv("TMPDIR"), *folder = given && *given ? given : "/var/tmp";
    cleanup_free char *place = realpath(folder, NULL); /* launchers start in other folders */
    struct boot_files files = {0};
    int status;

    if (!place)
        return error_set(error, -errno, "TMPDIR: %s: %s; name a folder that you can write to", folder,
                         strerror(errno));
    status = scratch_make_by_path(place, FOLDER_PREFIX, &files.folder, error);
    if (status < 0)
        return status;
    files.job = text_new("%s/job.cpio", files.folder.folder);
    files.scratch = scratch_size > 0 ? text_new("%s/scratch.img", files.folder.folder) : NULL;
    if (!files.job || (scratch_size > 0 && !files.scratch))
        status = error_memory(error);
    if (status == 0 && files.scratch)
        status = strcmp(format, "raw") == 0 ? make_scratch_disk(files.scratch, (off_t)scratch_size, error)
                                            : make_converted_disk(&files, (off_t)scratch_size, format, error);
    if (status < 0)
        boot_files_done(&files);
    else
        *ret_files = files;
    return status;
}

int boot_files_add_record(struct boot_files *files, struct vms_error *error) {
    files->record = text_new("%s/record.img", files->folder.folder);
    return files->record ? handout_prepare(files->record, error) : error_memory(error);
}

int boot_files_add_token(struct boot_files *files, struct vms_error *error) {
    cleanup_free char *path = text_new("%s/peer.token", files->folder.folder);
    cleanup_close int fd = -1;
    unsigned char bytes[32];
    char text[sizeof(bytes) * 2 + 1];

    if (!path)
        return error_memory(error);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    randombytes_buf(bytes, sizeof(bytes));
    (void)sodium_bin2hex(text, sizeof(text), bytes, sizeof(bytes));
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        return error_set(error, -EIO, "%s cannot be written: %s", path, strerror(errno));
    files->token = TAKE(path);
    return 0;
}

void boot_files_done(struct boot_files *files) {
    scratch_done(&files->folder);
    free(files->job);
    free(files->record);
    free(files->scratch);
    free(files->token);
    *files = (struct boot_files){0};
}

int boot_files_console(const char *folder, const char *name, char **ret_path, struct vms_error *error) {
    time_t now = time(NULL);
    char moment[32], number[8] = "";
    struct vms_error own = {""};
    struct tm parts;
    int fd = -1;

    (void)strftime(moment, sizeof(moment), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &parts));
    for (unsigned i = 1; fd < 0 && i <= CONSOLES_MAX; i++) {
        cleanup_free char *path = text_new("%s/%s-%s%s.console.log", folder, name, moment, number);

        if (!path)
            return error_memory(error);
        fd = way_create(path, &own);
        if (*own.text)
            return error_set(error, fd, "%s", own.text);
        if (fd < 0 && fd != -EEXIST)
            return error_set(error, fd, "%s cannot be made: %s", path, strerror(-fd));
        if (fd >= 0)
            *ret_path = TAKE(path);
        (void)snprintf(number, sizeof(number), "-%u", i + 1);
    }
    return fd >= 0 ? fd
                   : error_set(error, -EEXIST,
                               "%s already holds %d consoles of \"%s\" from this second; try again", folder,
                               CONSOLES_MAX, name);
}
