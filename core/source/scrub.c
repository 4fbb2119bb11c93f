/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/scrub.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Length of the identifier that `text` begins with: groups of hexadecimal digits, `lengths` ended by 0, with
 * a separator out of `separators` between them; 0: none. */
static size_t match_groups(const char *text, const size_t *lengths, const char *separators) {
    size_t at = 0;

    for (size_t group = 0; lengths[group]; group++) {
        if (group > 0 && (!text[at] || !strchr(separators, text[at++])))
            return 0;
        for (size_t i = 0; i < lengths[group]; i++)
            if (!isxdigit((unsigned char)text[at++]))
                return 0;
    }
    return isalnum((unsigned char)text[at]) ? 0 : at;
}

/* Length of an identifier at the beginning of a word; 0: none. */
static size_t match_identifier(const char *word) {
    static const size_t uuid[] = {8, 4, 4, 4, 12, 0}, mac[] = {2, 2, 2, 2, 2, 2, 0};
    static const size_t typed_mac[] = {2, 2, 2, 2, 2, 2, 2, 0}; /* PXE's BOOTIF: the hardware's type first */
    size_t length = match_groups(word, uuid, "-_"), digits;

    if (!length)
        length = match_groups(word, typed_mac, "-");
    if (!length)
        length = match_groups(word, mac, ":-");
    if (length)
        return length;
    digits = strspn(word, "0123456789abcdefABCDEF");
    if (digits >= 32)
        return digits;
    /* A network card that udev named after its MAC address. */
    return strncmp(word, "enx", 3) == 0 && strspn(word + 3, "0123456789abcdef") == 12 ? 15 : 0;
}

static void write_zeros(FILE *out, const char *word, size_t length) {
    size_t at = strncmp(word, "enx", 3) == 0 ? 3 : 0;

    (void)fwrite(word, 1, at, out);
    for (; at < length; at++)
        (void)fputc(isxdigit((unsigned char)word[at]) ? '0' : word[at], out);
}

static void write_clean(FILE *out, const char *text, const char *host) {
    size_t host_length = host ? strlen(host) : 0;
    const char *at = text;

    while (*at) {
        /* Kubernetes writes "pod" right before a UUID. */
        bool begins = at == text || !isalnum((unsigned char)at[-1]) ||
                      (at - text >= 3 && strncmp(at - 3, "pod", 3) == 0);
        size_t length = begins ? match_identifier(at) : 0;

        if (length) {
            write_zeros(out, at, length);
        } else if (begins && host_length && strncmp(at, host, host_length) == 0 &&
                   !isalnum((unsigned char)at[host_length])) {
            (void)fputs("host", out);
            length = host_length;
        } else {
            (void)fputc(*at, out);
            length = 1;
        }
        at += length;
    }
}

/* Whether the option's name holds the key; a short key only as a part of its own ("ip", not "script"). */
static bool name_holds(const char *name, const char *key) {
    const char *found = strcasestr(name, key);
    bool part;

    if (!found)
        return false;
    part =
        (found == name || !isalpha((unsigned char)found[-1])) && !isalpha((unsigned char)found[strlen(key)]);
    return part || strlen(key) > 3;
}

/* Words of the command line whose value says more than the machine's kind. */
static bool is_private_word(const char *word) {
    static const char *const keys[] = {"uuid", "serial", "token", "pass", "secret", "key",
                                       "host", "bootif", "ip",    "nfs",  "iscsi",  "url",
                                       "user", "label",  "mac",   "auth", "server", "addr"};
    const char *equals = strrchr(word, '=');
    cleanup_free char *name = equals ? strndup(word, (size_t)(equals - word)) : NULL;

    for (size_t i = 0; name && i < sizeof(keys) / sizeof(keys[0]); i++)
        if (name_holds(name, keys[i]))
            return true;
    return false;
}

/* What stands behind "--" is for the first process, not for the kernel. */
static void write_command_line(FILE *out, char *text) {
    const char *separator = "";
    char *word, *rest = text;

    while ((word = strsep(&rest, " \n")) && strcmp(word, "--") != 0) {
        if (!*word)
            continue;
        if (is_private_word(word))
            (void)fprintf(out, "%s%.*s=removed", separator, (int)strcspn(word, "="), word);
        else
            (void)fprintf(out, "%s%s", separator, word);
        separator = " ";
    }
    (void)fputc('\n', out);
}

/* The lines that are read: of the first processor, and the numbers of all. ARM machines have a serial number
 * at the end. */
static void write_cpuinfo(FILE *out, char *text) {
    static const char *const keys[] = {"vendor_id",       "model name", "microcode", "cpu MHz",
                                       "CPU implementer", "CPU part",   "platform",  "machine"};
    static const char *const each[] = {"processor\t", "initial apicid"};
    bool seen[sizeof(keys) / sizeof(keys[0])] = {false};
    char *line, *rest = text;

    while ((line = strsep(&rest, "\n"))) {
        for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
            if (strncmp(line, each[i], strlen(each[i])) == 0)
                (void)fprintf(out, "%s\n", line);
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
            if (!seen[i] && strncasecmp(line, keys[i], strlen(keys[i])) == 0) {
                (void)fprintf(out, "%s\n", line);
                seen[i] = true;
            }
    }
}

/* Default routes alone, without their gateways. */
static void write_routes(FILE *out, char *text) {
    char *line, *rest = text;

    while ((line = strsep(&rest, "\n"))) {
        char name[32], destination[16], flags[16], mask[16];
        unsigned long metric;
        int n = sscanf(line, "%31s %15s %*s %15s %*s %*s %lu %15s", name, destination, flags, &metric, mask);

        if (n >= 2 && strcmp(destination, "00000000") == 0) {
            (void)fprintf(out, "%s\t%s", name, destination);
            if (n == 5)
                (void)fprintf(out, "\t00000000\t%s\t0\t0\t%lu\t%s", flags, metric, mask);
            (void)fputc('\n', out);
        }
    }
}

static void write_routes6(FILE *out, char *text) {
    char *line, *rest = text;

    while ((line = strsep(&rest, "\n"))) {
        char destination[40], prefix[4], metric[16], flags[16], name[32];

        if (sscanf(line, "%39s %3s %*s %*s %*s %15s %*s %*s %15s %31s", destination, prefix, metric, flags,
                   name) == 5 &&
            destination[strspn(destination, "0")] == '\0' && strcmp(prefix, "00") == 0)
            (void)fprintf(out, "%s 00 %s 00 %s %s 0 0 %s %s\n", destination, destination, destination, metric,
                          flags, name);
    }
}

/* A path on its owner's disks. */
static void write_removed(FILE *out, char *text) {
    (void)text;
    (void)fputs("removed\n", out);
}

/* The part of `text` that container managers write and that names nobody, or NULL. */
static const char *manager_mark(const char *text) {
    static const char *const marks[] = {"/docker/overlay2/", "/containers/storage/overlay",
                                        "io.containerd.snapshotter", "/kubelet/pods/",
                                        "/secrets/kubernetes.io/"};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (strstr(text, marks[i]))
            return marks[i];
    return NULL;
}

static bool is_common_place(const char *point) {
    static const char *const places[] = {"/", "/tmp", "/var", "/var/tmp", "/home", "/mnt", "/scratch"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strcmp(point, places[i]) == 0)
            return true;
    return false;
}

/* Only mounts at places that every machine has, without what was mounted from a network or a folder; of the
 * others and of the root's options only a container manager's mark. */
static void write_mounts(FILE *out, char *text) {
    char *line, *rest = text;

    while ((line = strsep(&rest, "\n"))) {
        char device[32], bind[256], point[256], options[256], type[64], from[256];
        const char *dash = strstr(line, " - "), *mark;

        if (!dash || sscanf(line, "%*d %*d %31s %255s %255s %255s", device, bind, point, options) != 4 ||
            sscanf(dash, " - %63s %255s", type, from) != 2)
            continue;
        if (is_common_place(point)) {
            mark = strcmp(point, "/") == 0 ? manager_mark(dash) : NULL;
            (void)fprintf(out, "1 1 %s / %s %s - %s %s rw%s%s\n", device, point, options, type,
                          strncmp(from, "/dev/", 5) == 0 ? from : type, mark ? ",lowerdir=" : "",
                          mark ? mark : "");
        } else if ((mark = manager_mark(point)) || (mark = manager_mark(bind))) {
            (void)fprintf(out, "1 1 0:0 %s %s ro - none none ro\n", mark, mark);
        }
    }
}

/* Which container it is, and of variables that only one has, that they are there. */
static void write_environment(FILE *out, const char *bytes, size_t size) {
    static const char *const names[] = {
        "KUBERNETES_SERVICE_HOST=", "WSL_DISTRO_NAME=", "APPTAINER_CONTAINER=", "SINGULARITY_CONTAINER="};

    for (size_t at = 0; at < size; at += strlen(bytes + at) + 1) {
        if (strncmp(bytes + at, "container=", 10) == 0)
            (void)fwrite(bytes + at, 1, strlen(bytes + at) + 1, out);
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (strncmp(bytes + at, names[i], strlen(names[i])) == 0)
                (void)fprintf(out, "%sremoved%c", names[i], '\0');
    }
}

/* Files that are cut down line by line. */
static void (*writer_of(const char *path))(FILE *, char *) {
    static const char loop[] = "/loop/backing_file";
    size_t length = strlen(path);
    static const struct {
        const char *path;
        void (*write)(FILE *out, char *text);
    } known[] = {{"/proc/cmdline", write_command_line},
                 {"/proc/cpuinfo", write_cpuinfo},
                 {"/proc/net/route", write_routes},
                 {"/proc/net/ipv6_route", write_routes6},
                 {"/proc/self/mountinfo", write_mounts}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(path, known[i].path) == 0)
            return known[i].write;
    return length > sizeof(loop) && strcmp(path + length - (sizeof(loop) - 1), loop) == 0 ? write_removed
                                                                                          : NULL;
}

char *scrub_text(const char *text, const char *host) {
    char *clean = NULL;
    size_t size;
    FILE *out = open_memstream(&clean, &size);

    if (!out)
        return NULL;
    write_clean(out, text, host);
    if (fclose(out) == 0)
        return clean;
    free(clean);
    return NULL;
}

int scrub_file(const char *path, const char *host, const char *bytes, size_t size, char **ret_bytes,
               size_t *ret_size) {
    bool binary = strncmp(path, "/sys/firmware/", 14) == 0,
         environment = strcmp(path, "/proc/1/environ") == 0 || strcmp(path, "/proc/self/environ") == 0;
    void (*write)(FILE *, char *) = writer_of(path);
    cleanup_free char *clean = NULL;
    char *kept = NULL;
    size_t kept_size;
    FILE *out = open_memstream(&kept, &kept_size);

    if (!out)
        return -ENOMEM;
    if (binary)
        (void)fwrite(bytes, 1, size, out);
    else if (environment)
        write_environment(out, bytes, size);
    else if (!(clean = scrub_text(bytes, host)))
        (void)fflush(out);
    else if (write)
        write(out, clean);
    else
        (void)fputs(clean, out);
    if (fclose(out) != 0 || (!binary && !environment && !clean)) {
        free(kept);
        return -ENOMEM;
    }
    *ret_bytes = kept;
    *ret_size = kept_size;
    return 0;
}
