/* The verbs: each a straight sequence of the stages of run.h. */
#pragma once

#include "../ipc/err.h"
#include "run.h"

int verb_prepare(struct run *run, struct vst_err *err);
int verb_attach(struct run *run, struct vst_err *err);
int verb_cleanup(struct run *run, struct vst_err *err);
int verb_detach(struct run *run, struct vst_err *err);
int verb_status(struct run *run, struct vst_err *err);
int verb_gc(struct run *run, struct vst_err *err);
int verb_plan(struct run *run, struct vst_err *err);

/* Whether prepare has anything to do, by the journal that is open and the bundle's layout: 1, 0
 * if the bundle is prepared already, -1 if it would be refused. Says nothing. */
int prepare_wanted(struct run *run, struct vst_err *err);
