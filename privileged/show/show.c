/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include <errno.h>

#include "../../policy/capabilities.h"
#include "show_json.h"
#include "show_put.h"
#include "show_text.h"

void show_open(struct showing *show, const struct show_facts *facts,
	int (*put)(void *arg, const char *bytes, size_t len), void *arg)
{
	show->facts = facts;
	show->json = 0;
	show->put = put;
	show->arg = arg;
	show->failed = 0;
	show->needs = 0;
	show->len = 0;
}

int show_close(struct showing *show)
{
	show_flush(show);
	if (!show->failed)
		return 0;
	errno = show->failed;
	return -1;
}

void show_said(struct showing *show, uint32_t step, const char *said)
{
	show_text_said(show, step, said);
}

void show_start(struct showing *show, const struct show_facts *facts, int json,
	int (*put)(void *arg, const char *bytes, size_t len), void *arg)
{
	show_open(show, facts, put, arg);
	show->json = json;
	if (json)
		show_json_start(show);
	else
		show_text_start(show);
}

void show_step(struct showing *show, uint32_t step, const struct vst_err *refused)
{
	const struct step *of = &show->facts->plan->steps[step];

	if (!refused && !show->facts->already && !(of->flags & STEP_DONE))
		show->needs |= step_capabilities(of->kind);
	if (show->json)
		show_json_step(show, step, refused);
	else
		show_text_step(show, step, refused);
}

int show_end(struct showing *show)
{
	if (show->json)
		show_json_end(show);
	else
		show_text_end(show);
	return show_close(show);
}
