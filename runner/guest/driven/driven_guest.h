/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that is measured as a place: booted by a launcher, with an agent at the end of its process's input
 * and output. Who starts that process and speaks with the agent is the caller. */
#ifndef VMSUITE_RUNNER_GUEST_DRIVEN_DRIVEN_GUEST_H
#define VMSUITE_RUNNER_GUEST_DRIVEN_DRIVEN_GUEST_H

#include "guest/launchers/guest_settings.h"
#include "guest/tools/argv.h"
#include "module/loader.h"

#include <sys/types.h>

struct driven_guest;

/* A guest of the settings (borrowed), which nothing boots yet; its image is that of `other` where it is the
 * same (NULL: there is no other; it must outlive this one), else is built or found in the cache. -errno with
 * a sentence, also where no such guest can be booted here. The caller frees with driven_guest_free. */
int driven_guest_new(const struct guest_settings *settings, const struct module_list *modules,
                     const struct driven_guest *other, struct driven_guest **ret_guest,
                     struct vms_error *error);

/* Makes the files of a boot, in a private folder, and adds the words of the command that boots. -errno with a
 * sentence. */
int driven_guest_prepare(struct driven_guest *guest, struct argv *command, struct vms_error *error);

/* What happens to it: its process is there; the process has printed something on stderr; a trial begins or
 * ends; all is measured. */
void driven_guest_started(struct driven_guest *guest, pid_t pid);
void driven_guest_hear(struct driven_guest *guest, const char *bytes, size_t size);
void driven_guest_trial(struct driven_guest *guest, unsigned case_id, unsigned trial, bool ends);
void driven_guest_measured(struct driven_guest *guest);

/* The agent has spoken: the guest is put on the processors that it is to run on. -errno with a sentence. */
int driven_guest_answered(struct driven_guest *guest, struct vms_error *error);

/* Whether its kernel, or what runs it, has said that it stops: nothing more comes from there, though its
 * monitor may stay. */
bool driven_guest_has_stopped(const struct driven_guest *guest);

/* Holds it still with its clock, or lets it go on. Returns whether it is as wanted. */
bool driven_guest_hold(struct driven_guest *guest, bool still);

/* What it said last: why it failed, or its last lines. */
void driven_guest_words(const struct driven_guest *guest, char *ret_words, size_t size);

/* The boot's folder; NULL where there is none. Borrowed. */
const char *driven_guest_folder(const struct driven_guest *guest);

/* After its process has ended: removes what the boot has made. Takes a guest that was not booted. */
void driven_guest_end(struct driven_guest *guest);

/* Adds to the record of the place `name` what it is as a guest, and what its trials cost the host.
 * -ENOMEM. */
int driven_guest_describe(const struct driven_guest *guest, const char *name, json_t *record);

/* Where its peer listens here, and under which address the guest finds that: loopback, behind QEMU's user
 * network, or the bridge. Both "" where it has no network. -errno with a sentence. */
int driven_guest_host(const struct guest_settings *settings, char *ret_bind, char *ret_host, size_t size,
                      struct vms_error *error);

void driven_guest_free(struct driven_guest *guest);

#endif
