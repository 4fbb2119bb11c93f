/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Studies without a document: configurations by the names of their kinds. */
#ifndef VMSUITE_RUNNER_STUDY_KINDS_H
#define VMSUITE_RUNNER_STUDY_KINDS_H

#include <jansson.h>
#include <vmsuite/module.h>

/*
 * A study document (new reference) of the kinds in a list such as "native,xen-pv,qemu-tcg". A kind that the
 * emulated host boots means that; else it is a launcher that boots one kind only; "LAUNCHER/KIND" names both
 * ("kvm/kvm" is this machine's KVM); "here" is this machine, without a guest. NULL with a sentence.
 */
json_t *kinds_document(const char *list, struct vms_error *error);

#endif
