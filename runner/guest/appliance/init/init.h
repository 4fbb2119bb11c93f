/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's first process: loads drivers, finds its disks, runs its job, hands the record out, powers off.
 * Everything it knows comes in archives that the kernel unpacked (/job, /modules) or that it unpacks from a
 * disk. What it says on the console begins with "vmsuite-init: " and is read by the launcher
 * (guest/boot/console.c). */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_INIT_INIT_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_INIT_INIT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What it says begins with this, except where it is the first process of a host of guests. */
#define INIT_NAME "vmsuite-init"
#define INIT_PREFIX INIT_NAME ": "

/* Loads the drivers named in /modules/LIST.order; those that this machine has no use for refuse to load,
 * which is fine. */
void drivers_load(const char *list);
/* Loads one driver, with its parameters. */
void drivers_load_one(const char *name, const char *parameters);

/* Waits up to `seconds` for disks, and distinguishes them by what is on them: the disk for the record (its
 * first sector says so), the scratch disk (a file system of that label) and the disk that holds the rest of
 * the image (an archive). Each "" where there is none. */
struct disks {
    char record[64], scratch[64], image[64];
};
void disks_find(struct disks *ret_disks, unsigned wanted, unsigned seconds);

/* Where the file says so (its text: the size in KiB), copies the scratch disk to a RAM disk, which takes its
 * place; -1 where that fails. */
int ramdisk_fill(const char *file, struct disks *disks);

/* Unpacks the archive on a disk over the root folder. */
int unpack(const char *disk);

/* Brings loopback up, and the first network card with the address "A.B.C.D/N" of the file, if it is there;
 * and where an address follows, the way to all other networks is through that. */
void network_up(const char *file);
/* Gives a card its address, and brings it up. */
int network_set(const char *name, const char *address);

/* Where the file says so ("A.B.C.D/N E.F.G.H/N": this side's address and the peer's): starts the peer in a
 * network of its own, behind a pair of virtual cards; -1 where that fails. */
int peer_start(const char *file);
/* Runs the server at the address "A.B.C.D/N" of the file, and waits for its end. */
void peer_be(const char *file);

/* Runs the agent over the port that leads to the host, to its end; -1 where there is no port, or the agent
 * failed. */
int agent_be(void);

/* From now on guests of this machine's KVM leave right after an interrupt that they are given where a timer
 * is near; 0, or a negative errno. Ends with the machine. */
int leave_on_interrupts(void);

/* Copies a guest's console to its end, and says in between what this machine counts. */
void relay(FILE *from, FILE *to);

#endif
