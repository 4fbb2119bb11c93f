/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of progress that a guest's host reads on its console. */
#ifndef VMSUITE_RUNNER_RUN_NOTICE_PROGRESS_LINES_H
#define VMSUITE_RUNNER_RUN_NOTICE_PROGRESS_LINES_H

/* The line at the beginning and at the end of each trial, followed by the numbers of case and trial. It is
 * short: each byte of an emulated serial port may take milliseconds. */
#define PROGRESS_TRIAL_BEGINS "@+"
#define PROGRESS_TRIAL_ENDS "@-"

#endif
