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
