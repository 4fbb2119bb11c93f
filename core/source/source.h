/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded reads below a source's root. Paths are printf-style and begin with '/'. Under a captured root
 * symbolic links are resolved as if the root were '/' (openat2, RESOLVE_IN_ROOT), so a capture from a
 * stranger cannot show files of this machine. */
#ifndef VMSUITE_CORE_SOURCE_SOURCE_H
#define VMSUITE_CORE_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vmsuite/module.h>

struct recorder; /* recorder.h */

struct cpuid_registers {
    uint32_t eax, ebx, ecx, edx;
};

/* What is there and could not be read: the kernel was out of something, or a device failed. Not what it
 * refuses for good (-EACCES, -EINVAL), which may itself be an answer. */
struct source_trouble {
    int code; /* the errno of the first; 0: there was none */
    char path[256];
};

/* Where facts are read. */
struct machine_source {
    const char *root; /* "" for this machine, else a captured tree's folder */
    /* Executes CPUID or looks it up in a capture; false where there is none (ARM, no capture). */
    bool (*cpuid)(void *context, uint32_t leaf, uint32_t subleaf, struct cpuid_registers *ret);
    /* The same through Xen's forced emulation; false where Xen does not answer it. NULL: not tried. */
    bool (*xen_cpuid)(void *context, uint32_t leaf, struct cpuid_registers *ret);
    void *context;
    struct recorder *recorder;      /* NULL, or what writes down everything that is read */
    struct source_trouble *trouble; /* NULL, or what could not be read is noted here */
};

/* This machine. */
struct machine_source machine_source_here(void);

/* A captured tree (`root` is borrowed and must outlive the source). CPUID is looked up in its file "cpuid":
 * lines of "LEAF SUBLEAF EAX EBX ECX EDX" in hexadecimal, or "xen LEAF EAX EBX ECX EDX"; # begins a comment.
 * Symbolic links of the tree never lead out of it. */
struct machine_source machine_source_at(const char *root);

#define SOURCE_TEXT_MAX (256 * 1024) /* bytes that are read of one file; the rest is left out */
#define SOURCE_NAMES_MAX 4096        /* entries that are read of one folder */

/* The bytes of a regular file, at most `limit`; a NUL is put behind them. *ret_bytes is the caller's to free.
 * -ENOENT: not there (also -ENOTDIR); -EACCES, -ELOOP, -EINVAL (no regular file), -EIO, -ENOMEM. */
int source_bytes(const struct machine_source *source, size_t limit, char **ret_bytes, size_t *ret_size,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same as text: cut at the first NUL, without white space at its end, control characters replaced by
 * spaces except tab and newline, bytes beyond ASCII by '?' (so that it is valid UTF-8 whatever the file
 * holds). */
int source_text(const struct machine_source *source, char **ret_text, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What source_text does to a text. */
void source_clean_text(char *text);

/* A file that holds one whole number, with an optional K, M or G (powers of 1024, as in sysfs). -EINVAL: it
 * holds something else. */
int source_integer(const struct machine_source *source, int64_t *ret_value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The last part of a symbolic link's target: what a "driver" link names. */
int source_link(const struct machine_source *source, char **ret_name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether something is there, whatever it is. */
bool source_exists(const struct machine_source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A file's inode, by which it differs from all others of its file system; a capture does not keep it. */
int source_inode(const struct machine_source *source, uint64_t *ret_inode, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct source_names {
    char **names; /* sorted */
    size_t n_names;
};

/* The entries of a folder without "." and "..". The caller frees with source_names_done. */
int source_list(const struct machine_source *source, struct source_names *ret_names, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void source_names_done(struct source_names *names);

/* Notes how a read has ended: 0 or a negative errno, which it returns. */
int source_note(const struct machine_source *source, const char *path, int status);

/* Parses a number as source_integer does. */
int source_parse_integer(const char *text, int64_t *ret_value);

/* Whether this is the running machine, not a capture. */
static inline bool source_is_live(const struct machine_source *source) {
    return source->root[0] == '\0';
}

#endif
