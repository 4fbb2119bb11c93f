/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/offloads.h"

#include "base/cleanup.h"
#include "base/text_list.h"
#include "source/recorder.h"
#include "source/source.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int ask(int fd, const char *interface, uint32_t command, uint32_t *ret_value) {
    struct ethtool_value value = {.cmd = command};
    struct ifreq request = {.ifr_data = (char *)&value};

    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
    if (ioctl(fd, SIOCETHTOOL, &request) < 0)
        return -errno;
    *ret_value = value.data;
    return 0;
}

int offloads_read(const struct machine_source *source, const char *interface, char **ret_text) {
    static const struct {
        const char *name;
        uint32_t command, mask;
    } rows[] = {
        {"rx-checksum", ETHTOOL_GRXCSUM, 1},
        {"tx-checksum", ETHTOOL_GTXCSUM, 1},
        {"scatter-gather", ETHTOOL_GSG, 1},
        {"tso", ETHTOOL_GTSO, 1},
        {"gso", ETHTOOL_GGSO, 1},
        {"gro", ETHTOOL_GGRO, 1},
        {"lro", ETHTOOL_GFLAGS, ETH_FLAG_LRO},
    };
    cleanup_close int fd = -1;
    cleanup_free char *list = NULL;

    if (!source_is_live(source))
        return source_text(source, ret_text, "/vmsuite/offloads");
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char word[32];
        uint32_t value = 0;

        if (ask(fd, interface, rows[i].command, &value) < 0)
            continue;
        (void)snprintf(word, sizeof(word), "%s %s", rows[i].name, value & rows[i].mask ? "on" : "off");
        if (text_list_add(&list, word) < 0)
            return -ENOMEM;
    }
    if (!list)
        return -EOPNOTSUPP;
    recorder_bytes(source->recorder, "/vmsuite/offloads", list, strlen(list));
    *ret_text = TAKE(list);
    return 0;
}
