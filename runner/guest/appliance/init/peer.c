/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/init/init.h"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEAR "veth0"
#define FAR "veth1"

/* A request to the kernel, as it grows (rtnetlink(7)). */
struct request {
    struct nlmsghdr head;
    struct ifinfomsg link;
    char attributes[256];
};

static struct rtattr *add(struct request *request, unsigned short type, const void *content, size_t size) {
    struct rtattr *place = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->head.nlmsg_len));

    place->rta_type = type;
    place->rta_len = (unsigned short)RTA_LENGTH(size);
    if (size > 0)
        memcpy(RTA_DATA(place), content, size);
    request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + RTA_ALIGN(place->rta_len);
    return place;
}

/* Ends an attribute that holds those added since. */
static void close_nest(const struct request *request, struct rtattr *nest) {
    nest->rta_len = (unsigned short)((const char *)request + request->head.nlmsg_len - (const char *)nest);
}

/* Makes a pair of cards, one here and one in the network of process `other`. */
static int make_pair(pid_t other) {
    struct request request = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(request.link)),
                                       .nlmsg_type = RTM_NEWLINK,
                                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL}};
    const struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char rest[256];
    } answer = {.error = {.error = -1}};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct rtattr *info, *data, *far;

    add(&request, IFLA_IFNAME, NEAR, sizeof(NEAR));
    info = add(&request, IFLA_LINKINFO, NULL, 0);
    add(&request, IFLA_INFO_KIND, "veth", strlen("veth"));
    data = add(&request, IFLA_INFO_DATA, NULL, 0);
    far = add(&request, VETH_INFO_PEER, &link, sizeof(link));
    add(&request, IFLA_IFNAME, FAR, sizeof(FAR));
    add(&request, IFLA_NET_NS_PID, &other, sizeof(other));
    close_nest(&request, far);
    close_nest(&request, data);
    close_nest(&request, info);
    if (send(fd, &request, request.head.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
        answer.error.error = -1;
    (void)close(fd);
    return answer.error.error;
}

static void become_server(const char *address) {
    char host[64];

    (void)snprintf(host, sizeof(host), "%.*s", (int)strcspn(address, "/"), address);
    (void)execl("/bin/vmsuite", "vmsuite", "serve", "--bind", host, "--token-file", "/job/peer.token",
                "--quiet", (char *)NULL);
    _exit(127);
}

/* The peer's process: a network of its own, and in it `vmsuite serve`. */
static void serve(const char *address, int ready, int go) {
    char byte = 1;
    int log;

    if (unshare(CLONE_NEWNET) < 0 || write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1)
        _exit(1);
    (void)network_set(FAR, address);
    log = open("/run/peer.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    (void)dup2(log, STDOUT_FILENO);
    (void)dup2(log, STDERR_FILENO);
    become_server(address);
}

int peer_start(const char *file) {
    char own[64] = "", other[64] = "", byte = 1;
    FILE *settings = fopen(file, "re");
    int ready[2], go[2], status = -1;
    pid_t child = -1;

    if (!settings)
        return 0;
    if (fscanf(settings, "%63s %63s", own, other) == 2 && pipe(ready) == 0 && pipe(go) == 0)
        child = fork();
    (void)fclose(settings);
    if (child == 0)
        serve(other, ready[1], go[0]);
    drivers_load("peer");
    if (child > 0 && read(ready[0], &byte, 1) == 1 && make_pair(child) == 0 && network_set(NEAR, own) == 0)
        status = write(go[1], &byte, 1) == 1 ? 0 : -1;
    return status;
}

void peer_be(const char *file) {
    FILE *settings = fopen(file, "re");
    char address[64] = "";
    pid_t child = -1;

    if (settings) {
        if (fscanf(settings, "%63s", address) == 1)
            child = fork();
        (void)fclose(settings);
    }
    if (child == 0)
        become_server(address);
    if (child > 0)
        (void)waitpid(child, NULL, 0);
}
