/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text packed with zstd (RFC 8878), in files that end in ".zst". */
#ifndef VMSUITE_RESULTS_RECORD_FILE_PACK_H
#define VMSUITE_RESULTS_RECORD_FILE_PACK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Whether a file of that name is to be packed. */
bool pack_is_wanted(const char *path);
/* Whether a text's first bytes are those of a packed one. */
bool pack_is_packed(const char *text, size_t length);

/* Writes a document as json_write does, packed. 0, -EIO (errno says more) or -ENOMEM. */
int pack_json(FILE *file, const json_t *json);

/* Unpacks a text that comes in pieces. A window of more than 32 MiB is refused, since it would be held in
 * memory. */
struct unpack;
typedef int unpack_sink(void *user, const char *text, size_t length);

/* NULL without memory. */
struct unpack *unpack_new(unpack_sink *sink, void *user);
/* What the sink says where it fails; -EBADMSG: not zstd, or damaged. */
int unpack_add(struct unpack *unpack, const char *packed, size_t length);
/* -EBADMSG: cut short. */
int unpack_end(const struct unpack *unpack);
/* Takes NULL. */
void unpack_free(struct unpack *unpack);

#endif
