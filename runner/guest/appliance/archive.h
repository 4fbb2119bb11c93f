/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives that a kernel unpacks as its first root folder: cpio, "newc" (Linux: Documentation/driver-api/
 * early-userspace/buffer-format.rst). Entries are sorted, times and owners are 0: the same input gives the
 * same bytes. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_ARCHIVE_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>
#include <vmsuite/module.h>

struct archive_entry {
    char *name;   /* without a leading slash */
    char *source; /* the file that holds the content; NULL: `text` does */
    char *text;
    size_t length; /* of `text` */
    unsigned mode;
};

struct archive {
    struct archive_entry *entries;
    size_t n_entries;
    uint64_t least; /* bytes that its file has at least */
};

/* Each adds a file, and the folders above it; a name that is there already is replaced. -ENOMEM. */
int archive_add_file(struct archive *archive, const char *name, const char *source, unsigned permissions);
int archive_add_text(struct archive *archive, const char *name, const char *text, unsigned permissions);

/* Whether it has an entry of that name. */
bool archive_has(const struct archive *archive, const char *name);

/* Writes it to a new file, `path`, instead of what is there, padded to 512 bytes (so that archives can be
 * joined). -errno with a sentence. */
int archive_write(struct archive *archive, const char *path, struct vms_error *error);

void archive_done(struct archive *archive);

#endif
