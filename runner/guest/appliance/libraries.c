/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/libraries.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/tools/tool.h"

#include <elf.h>
#include <limits.h>
#include <link.h>
#include <string.h>

#define DEADLINE_S 20

/* The dynamic loader that an ELF file asks for ("" where it asks for none: a shared object, a static
 * program). */
static int interpreter(const char *file, char ret_path[static PATH_MAX], struct vms_error *error) {
    cleanup_fclose FILE *elf = fopen(file, "re");
    ElfW(Ehdr) head;
    ElfW(Phdr) part;

    ret_path[0] = '\0';
    if (!elf)
        return error_set(error, -errno, "%s cannot be read: %s", file, strerror(errno));
    if (fread(&head, sizeof(head), 1, elf) != 1 || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return error_set(error, -EINVAL, "%s is not an ELF file", file);
    for (unsigned i = 0; i < head.e_phnum; i++) {
        if (fseek(elf, (long)(head.e_phoff + i * sizeof(part)), SEEK_SET) < 0 ||
            fread(&part, sizeof(part), 1, elf) != 1)
            return error_set(error, -EINVAL, "%s is cut short", file);
        if (part.p_type != PT_INTERP || part.p_filesz >= PATH_MAX)
            continue;
        if (fseek(elf, (long)part.p_offset, SEEK_SET) < 0 || fread(ret_path, part.p_filesz, 1, elf) != 1)
            return error_set(error, -EINVAL, "%s is cut short", file);
        ret_path[part.p_filesz] = '\0';
    }
    return 0;
}

/* One line of the loader's list: "libx.so.1 => /path/libx.so.1 (0x...)", "/lib64/ld.so (0x...)", or a name
 * that is no file (the kernel's own). */
static int add_line(struct archive *archive, const char *program, char *line, struct vms_error *error) {
    char *arrow = strstr(line, " => "), *end, *path = arrow ? arrow + 4 : line;
    cleanup_free char *name = NULL;
    int status;

    if (strstr(line, "not found"))
        return error_set(error, -ENOENT, "%s needs a library that is not here: %.*s", program,
                         (int)strcspn(line, " "), line);
    end = strstr(path, " (0x");
    if (!end || *path != '/')
        return 0;
    *end = '\0';
    if (!arrow || *line == '/')
        name = strdup((arrow ? line : path) + 1);
    else
        name = text_new(LIBRARIES_FOLDER "/%.*s", (int)(arrow - line), line);
    if (name && arrow && *line == '/')
        name[arrow - line - 1] = '\0';
    status = !name ? -ENOMEM : archive_has(archive, name) ? 0 : archive_add_file(archive, name, path, 0755);
    return status < 0 ? error_memory(error) : 0;
}

int libraries_add(struct archive *archive, const char *program, const char *path, struct vms_error *error) {
    const char *argv[7] = {NULL};
    char loader[PATH_MAX], wanted[PATH_MAX];
    cleanup_free char *list = NULL;
    size_t n = 0;
    int status = interpreter(program, wanted, error);

    /* The loader that runs this program, whatever the file names: that may be one of the file's own. */
    if (status == 0)
        status = interpreter("/proc/self/exe", loader, error);
    if (status == 0 && *wanted && strcmp(wanted, loader) != 0)
        status = error_set(error, -EINVAL, "%s wants to be loaded by %s, which is not the system's %s",
                           program, wanted, loader);
    if (status < 0)
        return status;
    argv[n++] = loader;
    if (path) {
        argv[n++] = "--library-path";
        argv[n++] = path;
    }
    argv[n++] = "--list";
    argv[n++] = program;
    status = tool_run(&(struct tool){.argv = argv, .deadline_s = DEADLINE_S}, &list, error);
    for (char *rest, *line = status == 0 ? strtok_r(list, "\n", &rest) : NULL; status == 0 && line;
         line = strtok_r(NULL, "\n", &rest))
        status = add_line(archive, program, line + strspn(line, "\t "), error);
    return status;
}
