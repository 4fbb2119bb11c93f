/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of progress that a guest's host reads on its console. */
#ifndef VMSUITE_RUNNER_RUN_NOTICE_PROGRESS_LINES_H
#define VMSUITE_RUNNER_RUN_NOTICE_PROGRESS_LINES_H

/* Mode "trials" is plain, and has a line at the beginning and at the end of each trial, followed by the
 * numbers of case and trial. */
#define PROGRESS_TRIAL_BEGINS "vmsuite-trial: begins "
#define PROGRESS_TRIAL_ENDS "vmsuite-trial: ends "

#endif
