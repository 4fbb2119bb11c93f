/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that a new module begins with, as they are built into the program. "template" in them stands for
 * the module's name. */
#ifndef VMSUITE_RUNNER_SDK_SKELETON_FILES_H
#define VMSUITE_RUNNER_SDK_SKELETON_FILES_H

extern const char skeleton_source[]; /* modules/template/template.c */
extern const char skeleton_build[];  /* skeleton.meson.build */
extern const char skeleton_test[];   /* modules/template/test_template.c */

#endif
