/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ctrl-C and SIGTERM: noted, and seen by whoever polls. */
#ifndef VMSUITE_RUNNER_COMMON_SIGNALS_H
#define VMSUITE_RUNNER_COMMON_SIGNALS_H

/* From now on SIGINT, SIGTERM and SIGHUP are noted; SIGPIPE is ignored. -errno. */
int signals_catch(void);

/* How many have come: 1 asks to end in order, 2 to end at once. */
int signals_count(void);

/* Readable from the first signal on, for poll(2). */
int signals_fd(void);

/* From now on whatever comes over that descriptor, its end included, counts as a signal, once; -1: no
 * descriptor. Whoever polls for signals polls signals_watched(), too, and calls signals_heed() when it is
 * readable. */
void signals_watch(int fd);
int signals_watched(void);
void signals_heed(void);

/* In a new process: signals do what they do by default again. */
void signals_release(void);

#endif
