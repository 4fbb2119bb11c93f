/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths as texts. */
#ifndef VMSUITE_CORE_BASE_PATH_H
#define VMSUITE_CORE_BASE_PATH_H

/* "FOLDER/NAME". Owned; NULL without memory. */
char *path_join(const char *folder, const char *name);

#endif
