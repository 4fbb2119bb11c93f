/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains of libvirt, at any URI, from a template (libvirt.org/formatdomain.html). Through virsh(1) rather
 * than libvirt's library: the program then neither needs it to be built nor carries it into the appliance. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/escape.h"
#include "base/text.h"
#include "common/locate.h"
#include "guest/launchers/canary.h"
#include "guest/launchers/qemu.h"
#include "guest/tools/tool.h"

#include <string.h>
#include <sys/stat.h>

#define KIB 1024
#define TEMPLATE_MAX (64 * 1024)

enum { PARAM_URI, PARAM_TEMPLATE };

static const struct guest_param params[] = {
    [PARAM_URI] = {"uri", GUEST_TEXT, "qemu:///session", 0, 0, NULL, "libvirt: the URI of the connection.",
                   0},
    [PARAM_TEMPLATE] =
        {"template", GUEST_PATH, NULL, 0, 0, NULL,
         "libvirt: a file with the domain's XML, in which words between at signs are replaced, as in ours "
         "(libvirt-domain.xml).",
         0},
    {0}};

static const char *uri_of(const struct guest_settings *settings) {
    return settings->own[PARAM_URI].text;
}

static int available(struct vms_error *error) {
    cleanup_free char *program = tool_find("virsh");

    return program ? 0
                   : error_set(error, -ENOTSUP, "there is no virsh here: install Debian's libvirt-clients");
}

/* One word of the template, and what it becomes. */
struct word {
    const char *name;
    char *value; /* owned; NULL: there was no memory */
};

enum {
    WORD_TYPE,
    WORD_NAME,
    WORD_MEMORY,
    WORD_VCPUS,
    WORD_KERNEL,
    WORD_INITRD,
    WORD_COMMAND,
    WORD_RECORD,
    WORD_SCRATCH,
    WORD_CACHE,
    WORD_DISK,
    WORD_BUS,
    WORD_CARD,
    WORD_BRIDGE,
    WORD_CONSOLE,
    WORDS
};

/* Text as XML has it. */
static void set(struct word *word, const char *name, const char *value) {
    word->name = name;
    word->value = escape_text(ESCAPE_XML, value);
}

static void set_number(struct word *word, const char *name, uint64_t value) {
    word->name = name;
    word->value = text_new("%ju", (uintmax_t)value);
}

/* What the boot's folder holds for the domain beside its disks. */
struct files {
    char *kernel, *initrd, *console, *domain;
};

static void files_done(struct files *files) {
    free(files->kernel);
    free(files->initrd);
    free(files->console);
    free(files->domain);
}

static void fill(const struct boot *boot, const struct files *files, struct word words[static WORDS]) {
    const struct guest_settings *settings = boot->settings;
    bool emulated = settings->emulated_devices;
    cleanup_free char *line =
        text_new("console=ttyS0 quiet panic=-1 %s", settings->options ? settings->options : "");

    set(&words[WORD_TYPE], "TYPE", settings->kind);
    set(&words[WORD_NAME], "NAME", boot_name(boot));
    set_number(&words[WORD_MEMORY], "MEMORY_KIB", settings->memory / KIB);
    set_number(&words[WORD_VCPUS], "VCPUS", settings->vcpus);
    set(&words[WORD_KERNEL], "KERNEL", files->kernel);
    set(&words[WORD_INITRD], "INITRD", files->initrd);
    set(&words[WORD_COMMAND], "COMMAND_LINE", line ? line : "");
    set(&words[WORD_RECORD], "RECORD", boot->record);
    set(&words[WORD_SCRATCH], "SCRATCH", boot->scratch ? boot->scratch : "");
    set(&words[WORD_CACHE], "CACHE", settings->cache);
    set(&words[WORD_DISK], "DISK", emulated ? "hd" : "vd");
    set(&words[WORD_BUS], "BUS", emulated ? "ide" : "virtio");
    set(&words[WORD_CARD], "CARD", emulated ? "e1000" : "virtio");
    set(&words[WORD_BRIDGE], "BRIDGE", settings->bridge ? settings->bridge : "");
    set(&words[WORD_CONSOLE], "CONSOLE", files->console);
}

/* A part "<!-- if NAME --> ... <!-- end -->" that is not wanted: where it ends. */
static const char *skip_part(const struct boot *boot, const char *text) {
    const struct guest_settings *settings = boot->settings;
    const struct {
        const char *start;
        bool wanted;
    } parts[] = {{"<!-- if scratch", boot->scratch},
                 {"<!-- if user", settings->network && !settings->bridge},
                 {"<!-- if bridge", settings->network && settings->bridge}};

    for (size_t i = 0; i < VMS_LENGTH(parts); i++) {
        const char *end = !parts[i].wanted && strncmp(text, parts[i].start, strlen(parts[i].start)) == 0
                              ? strstr(text, "<!-- end")
                              : NULL;

        if (end)
            return end;
    }
    return text;
}

/* Writes the template with its words replaced. -EINVAL for a word that is unknown. */
static int print(FILE *file, const struct boot *boot, const struct word words[static WORDS],
                 const char *template, struct vms_error *error) {
    while (*(template = skip_part(boot, template))) {
        const char *end = *template == '@' ? strchr(template + 1, '@') : NULL;
        size_t i = 0;

        if (!end) {
            (void)fputc(*template ++, file);
            continue;
        }
        while (i < WORDS && (strlen(words[i].name) != (size_t)(end - template - 1) ||
                             strncmp(words[i].name, template + 1, strlen(words[i].name)) != 0))
            i++;
        if (i == WORDS)
            return error_set(error, -EINVAL, "unknown word %.*s in the template",
                             (int)(end - template + 1 < 60 ? end - template + 1 : 60), template);
        (void)fputs(words[i].value, file);
        template = end + 1;
    }
    return 0;
}

static int write_domain(const struct boot *boot, const struct word words[static WORDS], const char *path,
                        struct vms_error *error) {
    const char *given = boot->settings->own[PARAM_TEMPLATE].text;
    cleanup_free char *own = given ? strdup(given) : locate_helper("libvirt-domain.xml", error);
    cleanup_fclose FILE *from = own ? fopen(own, "re") : NULL, *to = fopen(path, "we");
    cleanup_free char *template = calloc(1, TEMPLATE_MAX);
    int status;

    if (!from || !to || !template)
        return error_set(error, -errno, "%s cannot be read: %s", own ? own : "the template", strerror(errno));
    if (fread(template, 1, TEMPLATE_MAX - 1, from) == TEMPLATE_MAX - 1)
        return error_set(error, -EFBIG, "%s is longer than %d bytes", own, TEMPLATE_MAX);
    status = print(to, boot, words, template, error);
    if (status == 0 && (fflush(to) != 0 || ferror(to)))
        status = error_set(error, -EIO, "%s cannot be written", path);
    return status;
}

/* Kernel and archives, all in the boot's folder: the system's libvirt runs guests as another user, to
 * whom it gives the files that a domain names, but no way through other folders. The job has the peer's
 * token in it. */
static int make_files(const struct boot *boot, struct files *files, struct vms_error *error) {
    const struct appliance *appliance = boot->appliance;
    const char *parts[] = {appliance->base, appliance->payload, boot->job, NULL};
    const char *kernel[] = {appliance->vmlinux ? appliance->vmlinux : appliance->kernel, NULL};

    if (!(files->initrd = qemu_join(boot, "initrd", parts, error)) ||
        !(files->kernel = qemu_join(boot, "kernel", kernel, error)))
        return -EIO;
    if (!(files->domain = text_new("%s/domain.xml", boot->folder)) ||
        !(files->console = text_new("%s/console", boot->folder)))
        return error_memory(error);
    return chmod(files->initrd, 0600) == 0 && chmod(boot->folder, 0711) == 0
               ? 0
               : error_set(error, -errno, "%s: %s", boot->folder, strerror(errno));
}

static int make_domain(const struct boot *boot, const struct files *files, struct vms_error *error) {
    struct word words[WORDS] = {0};
    int status = 0;

    fill(boot, files, words);
    for (size_t i = 0; i < WORDS; i++)
        if (!words[i].value)
            status = error_memory(error);
    if (status == 0)
        status = write_domain(boot, words, files->domain, error);
    for (size_t i = 0; i < WORDS; i++)
        free(words[i].value);
    return status;
}

static int make_command(const struct boot *boot, struct argv *command, struct vms_error *error) {
    cleanup_free char *attend = locate_helper("attend.sh", error);
    cleanup_free char *script = attend ? locate_helper("libvirt.sh", error) : NULL;
    struct files files = {0};
    int status = script ? 0 : -ENOENT;

    if (status == 0 && strcmp(boot->settings->kind, "kvm") == 0 && !boot->settings->own[PARAM_URI].given)
        status = canary_available(error);
    if (status == 0)
        status = make_files(boot, &files, error);
    if (status == 0)
        status = make_domain(boot, &files, error);
    if (status == 0) {
        argv_add_all(command, (const char *[]){"sh", attend, files.console, "sh", script,
                                               uri_of(boot->settings), files.domain, boot_name(boot), NULL});
        status = command->failed ? error_memory(error) : 0;
    }
    files_done(&files);
    return status;
}

static void end(const struct boot *boot) {
    const char *argv[] = {"virsh", "-q", "-c", uri_of(boot->settings), "destroy", boot_name(boot), NULL};

    (void)tool_run(&(struct tool){.argv = argv, .deadline_s = 60, .outlives_signals = true}, NULL, NULL);
}

const struct launcher launcher_libvirt = {
    .name = "libvirt",
    .summary = "a domain of libvirt, at any URI, from a template",
    .kinds = (const struct launcher_kind[]){{.name = "kvm", .virtualization = "kvm"},
                                            {.name = "qemu", .virtualization = "qemu", .emulated = true},
                                            {0}},
    .params = params,
    .abilities = LAUNCHER_CACHE | LAUNCHER_OPTIONS,
    .slowness = 10,
    .available = available,
    .command = make_command,
    .end = end,
    .emulator = qemu_version,
};
