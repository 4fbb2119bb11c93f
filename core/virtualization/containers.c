/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which container this is: marks that container managers leave (their own documentation; systemd's Container
 * Interface for $container). Where several are seen, as with Podman in a Kubernetes pod, the manager's own
 * word goes before its files, files before control groups, and the nearest manager before the one above
 * it. */
#include "base/cleanup.h"
#include "source/lines.h"
#include "virtualization/hypervisors.h"
#include "virtualization/virtualization.h"

#include <string.h>

#define TEXTS 4

/* One row a container. Lists end with NULL; texts are parts. */
static const struct container {
    const char *name;
    const char *words[TEXTS];  /* of container=WORD */
    const char *files[TEXTS];  /* that are there in it only */
    const char *groups[TEXTS]; /* in the paths of the first process's control groups */
    const char *roots[TEXTS];  /* in the options of the mount at / */
    const char *binds[TEXTS];  /* in what a file system shows at a mount of its own: field 4 of mountinfo */
    const char *points[TEXTS]; /* mount points */
    const char *variables[TEXTS]; /* of the first process's environment, with '=' */
    const char *releases[TEXTS];  /* in the kernel's release */
    const char *traces[TEXTS];    /* files that a container inside of it may show, too */
    bool runtime;                 /* managers use it: any other mark goes before its own */
} containers[] = {
    {.name = "kubernetes", /* first: a control group of its own names the runtime, too */
     .groups = {"/kubepods"},
     .binds = {"/kubelet/pods/"},
     .points = {"/secrets/kubernetes.io/"},
     .variables = {"KUBERNETES_SERVICE_HOST="},
     .traces = {"/run/secrets/kubernetes.io", "/var/run/secrets/kubernetes.io"}},
    {.name = "docker",
     .words = {"docker"},
     .files = {"/.dockerenv"},
     .groups = {"/docker/", "/docker-"},
     .roots = {"/docker/overlay2/"}},
    {.name = "podman", .words = {"podman"}, .files = {"/run/.containerenv"}, .groups = {"/libpod-"}},
    {.name = "lxc", /* lxc-execute's first process keeps the environment of its host */
     .words = {"lxc"},
     .groups = {"/lxc/", "/lxc.payload"},
     .binds = {"/.lxc-boot-id"}},
    {.name = "systemd-nspawn", .words = {"systemd-nspawn"}},
    {.name = "openvz", .words = {"openvz"}},
    {.name = "wsl",
     .words = {"wsl"},
     .files = {"/run/WSL", "/proc/sys/fs/binfmt_misc/WSLInterop"},
     .variables = {"WSL_DISTRO_NAME="},
     .releases = {"microsoft-standard", "-Microsoft", "-microsoft-"}},
    {.name = "containerd",
     .runtime = true,
     .groups = {"/containerd/", "cri-containerd"},
     .roots = {"io.containerd.snapshotter"}},
    {.name = "apptainer",
     .files = {"/.singularity.d"},
     .variables = {"APPTAINER_CONTAINER=", "SINGULARITY_CONTAINER="}},
    {.name = "flatpak", .words = {"flatpak"}, .files = {"/.flatpak-info"}},
    {.name = "proot", .words = {"proot"}},
    {.name = "oci", /* what Podman, Buildah and CRI-O have in common; images say the word, too */
     .words = {"oci"},
     .roots = {"/containers/storage/overlay"},
     .runtime = true},
};
static const char none[] = "none", other[] = "other";

#define N_CONTAINERS (sizeof(containers) / sizeof(containers[0]))

const char *const *container_names(size_t *ret_n) {
    static const char *names[N_CONTAINERS + 3];
    size_t n = 0;

    names[n++] = none;
    for (size_t i = 0; i < N_CONTAINERS; i++)
        names[n++] = containers[i].name;
    names[n++] = other;
    if (ret_n)
        *ret_n = n;
    return names;
}

/* The part of the list that `text` holds, or NULL. */
static const char *find_part(const char *const *list, const char *text) {
    for (size_t i = 0; i < TEXTS && list[i]; i++)
        if (strstr(text, list[i]))
            return list[i];
    return NULL;
}

/* The first mark stands, unless it is a runtime's. */
static void set_container(struct survey *survey, const char *name) {
    bool open = strcmp(survey->machine->container, none) == 0;

    for (size_t i = 0; i < N_CONTAINERS; i++)
        open |= containers[i].runtime && survey->machine->container == containers[i].name;
    if (open)
        survey->machine->container = name;
}

/* The manager's own word, as in container=lxc or lxc-libvirt; one that nobody knows is another container. */
static const char *manager_name(const char *word) {
    for (size_t i = 0; i < N_CONTAINERS; i++)
        for (size_t j = 0; j < TEXTS && containers[i].words[j]; j++)
            if (text_has_word(word, containers[i].words[j]))
                return containers[i].name;
    return other;
}

static void read_words(struct survey *survey) {
    static const char *const files[] = {"/run/systemd/container", "/run/host/container-manager"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        cleanup_free char *word = NULL;

        if (source_text(survey->source, &word, "%s", files[i]) < 0 || !*word)
            continue;
        evidence_add(survey, manager_name(word), word, "%s", files[i]);
        set_container(survey, manager_name(word));
    }
}

/* Each of the paths that is there speaks for the container. */
static void read_paths(struct survey *survey, const char *name, const char *const *paths) {
    for (size_t i = 0; i < TEXTS && paths[i]; i++) {
        if (!source_exists(survey->source, "%s", paths[i]))
            continue;
        evidence_add(survey, name, "present", "%s", paths[i]);
        set_container(survey, name);
    }
}

static void read_files(struct survey *survey) {
    for (size_t i = 0; i < N_CONTAINERS; i++)
        read_paths(survey, containers[i].name, containers[i].files);
}

static void read_groups(struct survey *survey) {
    cleanup_free char *text = NULL;

    if (source_text(survey->source, &text, "/proc/1/cgroup") < 0)
        return;
    for (size_t i = 0; i < N_CONTAINERS; i++) {
        if (!find_part(containers[i].groups, text))
            continue;
        evidence_add(survey, containers[i].name, "a path of its control group", "/proc/1/cgroup");
        set_container(survey, containers[i].name);
    }
}

/* One line of mountinfo (proc_pid_mountinfo(5)): ID PARENT MAJ:MIN ROOT POINT OPTIONS ... - TYPE FROM
 * SUPER. */
static void read_mount(struct survey *survey, const char *line, bool *seen) {
    const char *dash = strstr(line, " - ");
    cleanup_free char *words = strdup(line);
    char *rest = words, *bind, *point;

    for (unsigned i = 0; i < 3; i++)
        (void)strsep(&rest, " ");
    bind = strsep(&rest, " ");
    point = strsep(&rest, " ");
    if (!dash || !bind || !point)
        return;
    source_clean_text(point);
    for (size_t i = 0; i < N_CONTAINERS; i++) {
        const char *saw = find_part(containers[i].points, point);

        saw = saw ? saw : find_part(containers[i].binds, bind);
        saw = saw ? saw : strcmp(point, "/") == 0 ? find_part(containers[i].roots, dash) : NULL;
        if (!saw || seen[i])
            continue;
        seen[i] = true;
        evidence_add(survey, containers[i].name, saw, "mount at %s in /proc/self/mountinfo", point);
        set_container(survey, containers[i].name);
    }
}

/* With version 2 of control groups and a namespace of its own, a container's path is "/": its mounts show it.
 * What a host has mounted for its containers lies at other points than its root. */
static void read_mounts(struct survey *survey) {
    struct source_lines lines;
    bool seen[N_CONTAINERS] = {false};
    char *line;

    if (source_lines_open(survey->source, "/proc/self/mountinfo", &lines) < 0)
        return;
    while ((line = source_lines_next(&lines)))
        read_mount(survey, line, seen);
    source_lines_close(&lines);
}

/* The first process's environment, which only root may read. */
static void read_environment(struct survey *survey) {
    cleanup_free char *bytes = NULL;
    size_t size;

    if (source_bytes(survey->source, SOURCE_TEXT_MAX, &bytes, &size, "/proc/1/environ") < 0)
        return;
    for (size_t at = 0; at < size; at += strlen(bytes + at) + 1) {
        if (strncmp(bytes + at, "container=", 10) == 0 && bytes[at + 10]) {
            evidence_add(survey, manager_name(bytes + at + 10), bytes + at, "/proc/1/environ");
            survey->machine->container = manager_name(bytes + at + 10);
        }
    }
}

static void add_variable(struct survey *survey, const char *variable, const char *file) {
    for (size_t i = 0; i < N_CONTAINERS; i++) {
        for (size_t j = 0; j < TEXTS && containers[i].variables[j]; j++) {
            if (strncmp(variable, containers[i].variables[j], strlen(containers[i].variables[j])) != 0)
                continue;
            evidence_add(survey, containers[i].name, containers[i].variables[j], "%s", file);
            set_container(survey, containers[i].name);
        }
    }
}

/* The first process's environment may be read by root alone; this process has inherited from it. */
static void read_variables(struct survey *survey) {
    static const char *const files[] = {"/proc/1/environ", "/proc/self/environ"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        cleanup_free char *bytes = NULL;
        size_t size;

        if (source_bytes(survey->source, SOURCE_TEXT_MAX, &bytes, &size, "%s", files[i]) < 0)
            continue;
        for (size_t at = 0; at < size; at += strlen(bytes + at) + 1)
            add_variable(survey, bytes + at, files[i]);
    }
}

static void read_traces(struct survey *survey) {
    for (size_t i = 0; i < N_CONTAINERS; i++)
        read_paths(survey, containers[i].name, containers[i].traces);
}

/* OpenVZ: containers have /proc/vz, the host itself /proc/bc, too. */
static void read_openvz(struct survey *survey) {
    bool vz = source_exists(survey->source, "/proc/vz"), bc = source_exists(survey->source, "/proc/bc");
    const char *name = manager_name("openvz");

    if (!vz)
        return;
    evidence_add(survey, bc ? NULL : name,
                 bc ? "present with /proc/bc: an OpenVZ host" : "present without /proc/bc", "/proc/vz");
    if (!bc)
        set_container(survey, name);
}

static void read_release(struct survey *survey) {
    cleanup_free char *release = NULL;

    if (source_text(survey->source, &release, "/proc/sys/kernel/osrelease") < 0)
        return;
    for (size_t i = 0; i < N_CONTAINERS; i++) {
        if (!find_part(containers[i].releases, release))
            continue;
        evidence_add(survey, containers[i].name, release, "/proc/sys/kernel/osrelease");
        set_container(survey, containers[i].name);
    }
}

void survey_container(struct survey *survey) {
    survey->machine->container = none;
    read_environment(survey);
    read_words(survey);
    read_files(survey);
    read_groups(survey);
    read_mounts(survey);
    read_variables(survey);
    read_traces(survey);
    read_openvz(survey);
    read_release(survey);
}
