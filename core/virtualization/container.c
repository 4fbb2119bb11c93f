/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which container this is: marks that container managers leave (their own documentation; systemd's Container
 * Interface for $container). */
#include "base/cleanup.h"
#include "virtualization/virtualization.h"

#include <string.h>

struct mark {
    const char *text, *name;
};

static const char *find_mark(const struct mark *marks, size_t n, const char *text) {
    for (size_t i = 0; i < n; i++)
        if (strstr(text, marks[i].text))
            return marks[i].name;
    return NULL;
}

/* The manager's own word, as in container=lxc. */
static const char *manager_name(const char *word) {
    static const struct mark managers[] = {
        {"docker", "docker"},
        {"podman", "podman"},
        {"oci", "podman"},
        {"lxc", "lxc"},
        {"systemd-nspawn", "systemd-nspawn"},
        {"openvz", "openvz"},
        {"wsl", "wsl"},
    };
    const char *name = find_mark(managers, sizeof(managers) / sizeof(managers[0]), word);

    return name ? name : "other";
}

/* The value of container= in the first process's environment (only root may read it). */
static void read_environment(struct survey *survey, const char **container) {
    cleanup_free char *bytes = NULL;
    size_t size;

    if (source_bytes(survey->source, SOURCE_TEXT_MAX, &bytes, &size, "/proc/1/environ") < 0)
        return;
    for (size_t at = 0; at < size; at += strlen(bytes + at) + 1) {
        if (strncmp(bytes + at, "container=", 10) != 0 || !bytes[at + 10])
            continue;
        *container = manager_name(bytes + at + 10);
        evidence_add(survey, *container, bytes + at, "/proc/1/environ");
    }
}

static void read_files(struct survey *survey, const char **container) {
    static const struct mark files[] = {{"/.dockerenv", "docker"}, {"/run/.containerenv", "podman"}};
    static const char *const words[] = {"/run/systemd/container", "/run/host/container-manager"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (!source_exists(survey->source, "%s", files[i].text))
            continue;
        evidence_add(survey, files[i].name, "present", "%s", files[i].text);
        *container = *container ? *container : files[i].name;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cleanup_free char *word = NULL;

        if (source_text(survey->source, &word, "%s", words[i]) < 0 || !*word)
            continue;
        evidence_add(survey, manager_name(word), word, "%s", words[i]);
        *container = *container ? *container : manager_name(word);
    }
}

static void read_cgroup(struct survey *survey, const char **container) {
    static const struct mark paths[] = {
        {"/kubepods", "kubernetes"}, {"/docker/", "docker"}, {"/docker-", "docker"},
        {"/libpod-", "podman"},      {"/lxc/", "lxc"},       {"/lxc.payload", "lxc"},
    };
    cleanup_free char *text = NULL;
    const char *name;

    if (source_text(survey->source, &text, "/proc/1/cgroup") < 0)
        return;
    name = find_mark(paths, sizeof(paths) / sizeof(paths[0]), text);
    if (!name)
        return;
    evidence_add(survey, name, "a path of its control group", "/proc/1/cgroup");
    /* Kubernetes is a manager above Docker and others: the nearer word stands. */
    *container = *container ? *container : name;
}

/* OpenVZ: containers have /proc/vz, the host itself /proc/bc, too. */
static void read_openvz(struct survey *survey, const char **container) {
    bool vz = source_exists(survey->source, "/proc/vz"), bc = source_exists(survey->source, "/proc/bc");

    if (!vz)
        return;
    evidence_add(survey, bc ? NULL : "openvz",
                 bc ? "present with /proc/bc: an OpenVZ host" : "present without /proc/bc", "/proc/vz");
    if (!bc)
        *container = *container ? *container : "openvz";
}

static void read_wsl(struct survey *survey, const char **container) {
    cleanup_free char *release = NULL;

    if (source_text(survey->source, &release, "/proc/sys/kernel/osrelease") < 0 ||
        (!strcasestr(release, "microsoft-standard") && !strcasestr(release, "-Microsoft")))
        return;
    evidence_add(survey, "wsl", release, "/proc/sys/kernel/osrelease");
    *container = *container ? *container : "wsl";
}

void survey_container(struct survey *survey) {
    const char *container = NULL;

    read_environment(survey, &container);
    read_files(survey, &container);
    read_cgroup(survey, &container);
    read_openvz(survey, &container);
    read_wsl(survey, &container);
    survey->machine->container = container ? container : "none";
}
