/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/error.h"
#include "places/kinds/limits.h"
#include "places/kinds/node.h"
#include "places/kinds/place.h"
#include "places/kinds/words.h"

#include <string.h>

#define SSH_SLASHES "//"

static int check_exec(const struct place *place, struct vms_error *error) {
    struct argv words = {0};
    int status = words_split(place->target, &words, error);

    argv_done(&words);
    return status;
}

static void prefix_exec(const struct place *place, struct argv *command) {
    struct vms_error error;

    if (words_split(place->target, command, &error) < 0)
        command->failed = true;
}

/* What stands behind ssh://: a host, and a user and a port perhaps; an IPv6 address in brackets. */
struct ssh_address {
    char user[64], host[256], port[8];
};

static bool take_part(char *ret_part, size_t size, const char *text, size_t length) {
    if (length == 0 || length >= size)
        return false;
    memcpy(ret_part, text, length);
    ret_part[length] = '\0';
    return true;
}

static int read_ssh(const char *target, struct ssh_address *ret, struct vms_error *error) {
    const char *text = target + strlen(SSH_SLASHES), *at = strrchr(text, '@'), *end;
    bool fine = strncmp(target, SSH_SLASHES, strlen(SSH_SLASHES)) == 0;

    *ret = (struct ssh_address){.user = ""};
    if (fine && at) {
        fine = take_part(ret->user, sizeof(ret->user), text, (size_t)(at - text));
        text = at + 1;
    }
    if (fine && *text == '[') {
        end = strchr(++text, ']');
        fine = end && take_part(ret->host, sizeof(ret->host), text, (size_t)(end - text));
        end = fine ? end + 1 : text;
    } else if (fine) {
        end = text + strcspn(text, ":/");
        fine = take_part(ret->host, sizeof(ret->host), text, (size_t)(end - text));
    } else {
        end = text;
    }
    if (fine && *end == ':') {
        fine = take_part(ret->port, sizeof(ret->port), end + 1, strspn(end + 1, "0123456789"));
        end += 1 + strlen(ret->port);
    }
    if (fine && *end == '\0' && ret->host[0] != '-' && ret->user[0] != '-')
        return 0;
    return error_set(error, -EINVAL, "must be written ssh://[USER@]HOST[:PORT]; an IPv6 address in brackets");
}

static int check_ssh(const struct place *place, struct vms_error *error) {
    struct ssh_address address;

    return read_ssh(place->target, &address, error);
}

/* The user's own configuration, keys and jump hosts; no questions, and a lost connection is noticed. */
static void prefix_ssh(const struct place *place, struct argv *command) {
    struct ssh_address address;

    if (read_ssh(place->target, &address, NULL) < 0)
        return;
    argv_add_all(command,
                 (const char *[]){"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o",
                                  "ServerAliveInterval=5", "-o", "ServerAliveCountMax=6", NULL});
    if (address.port[0])
        argv_add_all(command, (const char *[]){"-p", address.port, NULL});
    if (address.user[0])
        argv_add_all(command, (const char *[]){"-l", address.user, NULL});
    argv_add_all(command, (const char *[]){"--", address.host, NULL});
}

static int check_folder(const struct place *place, struct vms_error *error) {
    return access(place->target, F_OK) == 0
               ? 0
               : error_set(error, -EINVAL, "%.200s: %s", place->target, strerror(errno));
}

/* Such as a file below /run/netns has. */
static int check_namespace(const char *value, struct vms_error *error) {
    return *value && value[0] != '.' && !strchr(value, '/')
               ? 0
               : error_set(error, -EINVAL, "\"network\" is the name of a namespace of `ip netns`");
}

/* Without a system bus; in the machine's own network unless a namespace is named. Its lock keeps us out of a
 * tree that somebody else's container has entered. Further places of ours leave it off where the first has
 * it: an agent writes into a folder of its own. */
static void prefix_nspawn(const struct place *place, struct argv *command) {
    const char *network = place_value(place, "network");

    if (place->shares)
        argv_add_all(command, (const char *[]){"env", "SYSTEMD_NSPAWN_LOCK=0", NULL});
    argv_add_all(command, (const char *[]){"systemd-nspawn", "--quiet", "--register=no", "--keep-unit",
                                           "--as-pid2", "--pipe", NULL});
    if (network)
        argv_add(command, "--network-namespace-path=/run/netns/%s", network);
    argv_add_all(command, (const char *[]){"-D", place->target, "--", NULL});
}

static int check_network(const char *value, struct vms_error *error) {
    return *value && value[0] != '-'
               ? 0
               : error_set(error, -EINVAL, "\"network\" is given as podman takes it: host, none, ...");
}

/* Of an image or a container: podman would take it for an option. */
static int check_name(const struct place *place, struct vms_error *error) {
    return place->target[0] != '-' ? 0
                                   : error_set(error, -EINVAL, "podman has no names that begin with \"-\"");
}

static void prefix_podman(const struct place *place, struct argv *command) {
    const char *network = place_value(place, "network");

    argv_add_all(command, (const char *[]){"podman", "run", "-i", "--rm", "--pull=never", "--network",
                                           network ? network : "host", "--", place->target, NULL});
}

static void prefix_podman_exec(const struct place *place, struct argv *command) {
    argv_add_all(command, (const char *[]){"podman", "exec", "-i", "--", place->target, NULL});
}

static int check_process(const struct place *place, struct vms_error *error) {
    return limits_process(place->target) > 0
               ? 0
               : error_set(error, -EINVAL,
                           "\"%.40s\" is not the number of a process that runs on this machine",
                           place->target);
}

/* What this machine has for TMPDIR may not be there. */
static void prefix_nsenter(const struct place *place, struct argv *command) {
    argv_add_all(command, (const char *[]){"env", "-u", "TMPDIR", "nsenter", "--all", "--target",
                                           place->target, "--", NULL});
}

static void prefix_lxc(const struct place *place, struct argv *command) {
    argv_add_all(command, (const char *[]){"lxc-execute", "-n", place->target, "--", NULL});
}

static void prefix_netns(const struct place *place, struct argv *command) {
    argv_add_all(command, (const char *[]){"ip", "netns", "exec", place->target, NULL});
}

static int check_node(const struct place *place, struct vms_error *error) {
    return node_is_name(place->target) ? 0 : error_set(error, -EINVAL, "a node's name must be " NODE_RULE);
}

/* A step of the allocation that this program runs in, beside that which it is itself; its output comes as it
 * is written. */
static void prefix_slurm(const struct place *place, struct argv *command) {
    argv_add_all(command,
                 (const char *[]){"srun", "--quiet", "--nodes=1", "--ntasks=1", "--overlap", "--unbuffered",
                                  "--kill-on-bad-exit=1", "--nodelist", place->target, "--", NULL});
}

#define EXPECTS(key, word)                                                                                   \
    (const struct expectation[]) {                                                                           \
        {key, word}, {                                                                                       \
            NULL, NULL                                                                                       \
        }                                                                                                    \
    }
#define CONTAINER(word) EXPECTS("container", word)
#define VIRTUALIZATION(word) EXPECTS("virtualization", word)

const struct place_kind place_kinds[] = {
    {.name = "local", .form = "local", .freezes = true, .summary = "this machine as it is"},
    {.name = "exec",
     .form = "exec:'COMMAND...'",
     .summary = "behind a command that runs what follows it, such as kubectl exec",
     .has_target = true,
     .is_vector = true,
     .carries = true,
     .check = check_exec,
     .prefix = prefix_exec},
    {.name = "ssh",
     .form = "ssh://[USER@]HOST[:PORT]",
     .summary = "another machine, through the system's ssh, which must not have to ask for anything",
     .tool = "ssh",
     .has_target = true,
     .carries = true,
     .joins = true,
     .check = check_ssh,
     .prefix = prefix_ssh},
    {.name = "nspawn",
     .form = "nspawn:DIR[,network=NAMESPACE]",
     .freezes = true,
     .holds = true,
     .summary = "a container of systemd-nspawn on the tree in DIR, in the network of this machine",
     .tool = "systemd-nspawn",
     .has_target = true,
     .carries = true,
     .expects = CONTAINER("systemd-nspawn"),
     .params = {{"network", check_namespace,
                 "a network namespace of `ip netns` that it is in; this machine's own unless given"}},
     .check = check_folder,
     .prefix = prefix_nspawn},
    {.name = "podman",
     .form = "podman:IMAGE[,network=NETWORK]",
     .summary = "a new container of an image that podman has",
     .tool = "podman",
     .has_target = true,
     .carries = true,
     .expects = CONTAINER("podman"),
     .params = {{"network", check_network, "the container's network, as podman names it; host unless given"}},
     .check = check_name,
     .prefix = prefix_podman},
    {.name = "podman-exec",
     .form = "podman-exec:CONTAINER",
     .summary = "a container of podman that is running",
     .tool = "podman",
     .has_target = true,
     .carries = true,
     .expects = CONTAINER("podman"),
     .check = check_name,
     .prefix = prefix_podman_exec},
    {.name = "nsenter",
     .form = "nsenter:PID",
     .summary =
         "a container of any kind that is running, by one of its processes as this machine counts them",
     .tool = "nsenter",
     .has_target = true,
     .carries = true,
     .enters = true,
     .check = check_process,
     .prefix = prefix_nsenter},
    {.name = "lxc",
     .form = "lxc:NAME",
     .summary = "one of lxc's containers, which must not be running",
     .tool = "lxc-execute",
     .has_target = true,
     .carries = true,
     .expects = CONTAINER("lxc"),
     .prefix = prefix_lxc},
    {.name = "slurm",
     .form = "slurm:NODE",
     .summary = "a node of the Slurm allocation that the run is in",
     .tool = "srun",
     .has_target = true,
     .carries = true,
     .check = check_node,
     .prefix = prefix_slurm},
    {.name = "netns",
     .form = "netns:NAME",
     .freezes = true,
     .summary = "this machine in a network namespace of `ip netns`",
     .tool = "ip",
     .has_target = true,
     .prefix = prefix_netns},
    {.name = "cgroup",
     .form = "cgroup:[cpu=SHARE][,weight=N][,memory=SIZE]",
     .freezes = true,
     .summary = "this machine with limits: what a quota alone costs",
     .params = {{"cpu", limits_check_cpu, "how much of one processor may be used: \"50%\", \"200%\""},
                {"weight", limits_check_weight, "its weight against others, 1 to 10000; 100 is usual"},
                {"memory", limits_check_memory, "the most memory that may be used: \"1GiB\""}},
     .check = limits_check},
    {.name = "qemu-tcg",
     .form = "qemu-tcg[:PARAM=VALUE,...]",
     .summary = "a guest of QEMU that is booted for the run, its processor emulated",
     .launcher = "qemu-tcg",
     .expects = VIRTUALIZATION("qemu")},
    {.name = "kvm",
     .form = "kvm[:PARAM=VALUE,...]",
     .summary = "a guest of this machine's KVM that is booted for the run",
     .launcher = "kvm",
     .expects = VIRTUALIZATION("kvm")},
    {.name = "emulated-host",
     .form = "emulated-KIND[:PARAM=VALUE,...]",
     .summary = "a machine that QEMU emulates (KIND native), or a guest on it (kvm, xen-pv, xen-pvh, "
                "xen-hvm, xen-pvhvm), booted anew in each run",
     .launcher = "emulated-host",
     .is_visited = true},
    {.name = "xen",
     .form = "xen[/KIND][:PARAM=VALUE,...]",
     .summary = "a domain of this machine's Xen (KIND pv, pvh or hvm), booted anew in each run",
     .launcher = "xen",
     .is_visited = true},
    {.name = "libvirt",
     .form = "libvirt[/KIND][:PARAM=VALUE,...]",
     .summary = "a domain of libvirt (KIND kvm or qemu), booted anew in each run",
     .launcher = "libvirt",
     .is_visited = true},
    {.name = "virtualbox",
     .form = "virtualbox[:PARAM=VALUE,...]",
     .summary = "a guest of VirtualBox, booted anew in each run",
     .launcher = "virtualbox",
     .is_visited = true},
    {.name = NULL},
};
