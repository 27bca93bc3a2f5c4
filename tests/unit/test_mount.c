/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[], cgroups[] and the namespace: what is sent of each, and every rule with its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/parse.h"

#include "tests/unit/marked.h"

/* One mount with these options, and what it says behind "MOUNT ". */
static void mount_says(const char *want, const char *members, const char *options)
{
	char line[1024];

	snprintf(line, sizeof line, "MOUNT %s\nEND 1 0\n", want);
	says(line, "{'mounts':[{%s,'options':[%s]}]}", members, options);
}

/* A member's or an option's code, at the mark. */
static void mount_fails(const char *code, const char *place, const char *mount)
{
	char whole[64];

	snprintf(whole, sizeof whole, "mounts[1]%s", place);
	fails(code, whole, "{'mounts':[{'destination':'/a','type':'t'},\n%s]}", mount);
}

#define NEW "'destination':'/d','type':'t'"
#define OVERLAY "'destination':'/d','type':'overlay'"
#define FROM_S "'destination':'/d','source':'/s'"

static void new_mounts(void **state)
{
	(void)state;
	mount_says("NEW /d type=t source=t", NEW, "");
	mount_says("NEW /d type=t source=s p:a,c/e", NEW ",'source':'s p:a,c/e'", "");
	mount_says(
		"NEW /d type=t source=t", NEW ",'source':''", "'rw','defaults','suid','rdev'");
	mount_says(
		"NEW /d type=t source=t set=ro,nosuid,noexec atime=noatime sb_set=sync,dirsync "
		"propagation=rslave FLAG quiet STRING size=1m",
		NEW,
		"'ro','quiet','rnosuid','noexec','rnoatime','sync','size=1m','dirsync','mand',"
		"'rslave','rdev'");
	mount_says("NEW d/e type=t source=t", "'destination':'./d//e/','type':'t'", "");
	mount_says("NEW /... type=fuse.x_Y-9 source=fuse.x_Y-9",
		"'destination':'//..././','type':'fuse.x_Y-9'", "'async'");
}

static void binds(void **state)
{
	(void)state;
	mount_says("BIND /d source=/s", FROM_S, "'rw','bind'");
	mount_says("RBIND /d source=/s", FROM_S, "'bind','rbind'");
	mount_says("BIND /d source=/", "'destination':'/d','source':'//'", "'bind'");
	mount_says("BIND d source=/a/b", "'destination':'d','source':'/a/./b/'", "'bind'");
	/* Whatever the type: it is ignored, like what clears and a mand. */
	mount_says("BIND /d source=/s", FROM_S ",'type':'-/ bind'",
		"'bind','suid','rrw','atime','norelatime','rnostrictatime','rdev','mand',"
		"'defaults'");
	mount_says("RBIND /d source=/s set=ro atime=relatime rec_set=nodev,nodiratime "
		   "rec_atime=relatime propagation=rprivate",
		FROM_S,
		"'rbind','ro','relatime','rnodev','rnodiratime','rrelatime','rprivate'");
}

static void changes(void **state)
{
	(void)state;
	/* The generator's own, with no source and no type. */
	mount_says("PROPAGATION /d propagation=private", "'destination':'/d'",
		"'remount','private'");
	mount_says(
		"PROPAGATION d propagation=runbindable", "'destination':'d'", "'runbindable'");
	mount_says("PROPAGATION /d propagation=shared", NEW ",'source':'no path'",
		"'shared','defaults'");
	mount_says("REMOUNT /d", NEW ",'source':'x'", "'remount'");
	mount_says("REMOUNT /d set=ro", "'destination':'/d'", "'bind','remount','ro'");
	mount_says(
		"REMOUNT /d set=nodev clear=ro atime=relatime rec_set=noexec rec_clear=nosuid "
		"rec_atime=relatime sb_set=dirsync sb_clear=sync propagation=slave "
		"STRING size=2m FLAG x",
		OVERLAY,
		"'remount','rw','nodev','rsuid','rnoexec','nostrictatime','ratime','async',"
		"'dirsync','size=2m','slave','x'");
	/* No layers: nothing is taken apart, and nothing looked up. */
	mount_says("REMOUNT /d STRING lowerdir=a:b", OVERLAY, "'remount','lowerdir=a:b'");
}

static void data(void **state)
{
	(void)state;
	mount_says("NEW /d type=t source=t STRING a= STRING b=c=d STRING b== FLAG b FLAG b "
		   "FLAG SOURCE FLAG RO STRING sources=x STRING upperdir= FLAG lowerdir "
		   "FLAG lowerdir+ FLAG  x STRING \xc3\xa9=\xc3\xa9",
		NEW,
		"'a=','b=c=d','b==','b','b','SOURCE','RO','sources=x','upperdir=','lowerdir',"
		"'lowerdir+',' x','\xc3\xa9=\\u00e9'");
	mount_fails("OPTION_KEY", ".options[1]", "{" NEW ",'options':['a',^'=x']}");
	mount_fails("OPTION_KEY", ".options[0]", "{" NEW ",'options':[^'=']}");
	mount_fails("OPTION_SOURCE", ".options[0]", "{" NEW ",'options':[^'source=/x']}");
	mount_fails("OPTION_SOURCE", ".options[0]", "{" NEW ",'options':[^'source']}");
	mount_fails("OPTION_VALUE", ".options[2]", "{" NEW ",'options':['a','ro',\n ^'rw=1']}");
	mount_fails("OPTION_VALUE", ".options[0]", "{" NEW ",'options':[^'defaults=']}");
	mount_fails("OPTION_VALUE", ".options[0]", "{" NEW ",'options':[^'bi\\u006ed=a']}");
	/* They contradict whatever they will be options of. */
	mount_fails("OPTION_KEY", ".options[0]", "{'options':[^'=x','bind']," FROM_S "}");
	mount_fails("OPPOSITE", ".options[1]", "{" NEW ",'options':['ro',^'rrw','ro']}");
	mount_fails("OPPOSITE", ".options[1]", "{'options':['noatime',^'rstrictatime']}");
	mount_fails("PROPAGATION_TWICE", ".options[2]",
		"{" NEW ",'options':['private','private',^'rprivate']}");
}

static void sources(void **state)
{
	(void)state;
	mount_fails("NO_SOURCE", ".source", "^{'destination':'/d','options':['bind']}");
	mount_fails("NO_SOURCE", ".source",
		" ^{'source':'','destination':'/d','options':['rbind']}");
	mount_fails("NOT_ABSOLUTE", ".source",
		"{'options':['bind'],'source':^'a','destination':'/d'}");
	mount_fails("NOT_ABSOLUTE", ".source",
		"{'options':['bind'],'source':^'.','destination':'/d'}");
	mount_fails("DOTDOT", ".source",
		"{'options':['bind'],'source':^'/a/..','destination':'/d'}");
	mount_fails(
		"BIND_DATA", ".options[1]", "{" FROM_S ",'options':['rbind',^'size=1m','x']}");
	mount_fails(
		"BIND_DATA", ".options[0]", "{" FROM_S ",'options':[^'lowerdir=/l','bind']}");
	fails("BIND_DATA", "mounts[0].options[1]",
		"{'mounts':[{" OVERLAY ",'options':['bind',^'lowerdir=/l']}]}");
}

static void types(void **state)
{
	char long_type[80];

	(void)state;
	mount_fails("NO_FS_TYPE", ".type", "^{'destination':'/d'}");
	mount_fails("NO_FS_TYPE", ".type", "^{'type':'','destination':'/d','source':'/s'}");
	mount_fails("NO_FS_TYPE", ".type",
		"^{'type':null,'destination':'/d','options':['private','ro']}");
	mount_fails("TYPE_NO_FS", ".type", "{'destination':'/d','type':^'bind','source':'/s'}");
	mount_fails("TYPE_NO_FS", ".type", "{'type':^'none','destination':'/d','source':'/s'}");
	mount_fails(
		"TYPE_NO_FS", ".type", "{'type':^'rbind','destination':'/d','source':'/s'}");
	mount_fails("FS_TYPE", ".type", "{'type':^'a b','destination':'/d'}");
	mount_fails("FS_TYPE", ".type", "{'type':^'../x','destination':'/d'}");
	mount_fails("FS_TYPE", ".type", "{'type':^'-x','destination':'/d'}");
	mount_fails("FS_TYPE", ".type", "{'type':^'.x','destination':'/d'}");
	for (int n = 63; n <= 64; n++) {
		memset(long_type, 'x', (size_t)n);
		long_type[n] = '\0';
		if (n == 63)
			says("MOUNT NEW d "
			     "type=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			     "xxxxxxxxxxxxx source=s\nEND 1 0\n",
				"{'mounts':[{'destination':'d','source':'s','type':'%s'}]}",
				long_type);
		else
			fails("FS_TYPE", "mounts[0].type",
				"{'mounts':[{'destination':'d','source':'s','type':^'%s'}]}",
				long_type);
	}
}

static void destinations(void **state)
{
	(void)state;
	mount_fails("EMPTY", ".destination", "{'type':'t','destination':^'./.'}");
	mount_fails("DOTDOT", ".destination", "{'type':'t','destination':^'/..'}");
	mount_fails("MISSING", ".destination", "^{'type':'t','options':['ro','x=']}");
}

/* A string of n bytes, and the same with n + 1. */
static void lengths(void **state)
{
	static char x[VST_PATH_MAX + 8], want[2 * VST_PATH_MAX];

	(void)state;
	memset(x, 'x', sizeof x - 1);
	for (int i = 0; i < VST_PATH_MAX; i += 200)
		x[i] = '/';
#define KEY 255, x + 1
#define LONG_KEY 256, x + 201
	memset(x + 1, 'x', 600);
	snprintf(want, sizeof want,
		"MOUNT NEW /d type=t source=%.*s FLAG %.*s STRING %.*s=%.*s\nEND 1 0\n", KEY,
		KEY, KEY, KEY);
	says(want, "{'mounts':[{" NEW ",'source':'%.*s','options':['%.*s','%.*s=%.*s']}]}", KEY,
		KEY, KEY, KEY);
	fails("VALUE_LONG", "mounts[0].source", "{'mounts':[{" NEW ",'source':^'%.*s'}]}",
		LONG_KEY);
	fails("VALUE_LONG", "mounts[0].options[0]",
		"{'mounts':[{" NEW ",'options':[^'%.*s']}]}", LONG_KEY);
	fails("VALUE_LONG", "mounts[0].options[0]",
		"{'mounts':[{" NEW ",'options':[^'%.*s=']}]}", LONG_KEY);
	fails("VALUE_LONG", "mounts[0].options[1]",
		"{'mounts':[{" NEW ",'options':['ro',^'a=%.*s']}]}", LONG_KEY);
	fails("VALUE_LONG", "mounts[0].options[1]",
		"{'mounts':[{" NEW ",'options':['remount',^'a=%.*s']}]}", LONG_KEY);
	fails("VALUE_LONG", "mounts[0].options[0]",
		"{'mounts':[{" OVERLAY ",'options':[^'a=%.*s','lowerdir=/l']}]}", LONG_KEY);
	fails("VALUE_LONG", "namespace", "{'namespace':^'%.*s'}", LONG_KEY);
	snprintf(want, sizeof want, "NAMESPACE %.*s\nEND 1 0\n", KEY);
	says(want, "{'namespace':'%.*s'}", KEY);
	/* What nobody reads may be longer. */
	says("MOUNT PROPAGATION /d propagation=shared\nEND 1 0\n",
		"{'mounts':[{" NEW ",'source':'%.*s','options':['shared']}]}", LONG_KEY);
	memset(x, 'x', sizeof x - 1);
	for (int i = 0; i < VST_PATH_MAX; i += 200)
		x[i] = '/';
	snprintf(want, sizeof want, "MOUNT BIND /d source=%.*s\nEND 1 0\n", VST_PATH_MAX, x);
	says(want, "{'mounts':[{'destination':'/d','source':'%.*s','options':['bind']}]}",
		VST_PATH_MAX, x);
	fails("PATH_LONG", "mounts[0].source",
		"{'mounts':[{'destination':'/d','source':^'%.*s','options':['bind']}]}",
		VST_PATH_MAX + 1, x);
	snprintf(want, sizeof want,
		"MOUNT NEW /d type=overlay source=overlay LOWER %.*s\nEND 1 0\n", VST_PATH_MAX,
		x);
	says(want, "{'mounts':[{" OVERLAY ",'options':['lowerdir=%.*s']}]}", VST_PATH_MAX, x);
	fails("PATH_LONG", "mounts[0].options[0]",
		"{'mounts':[{" OVERLAY ",'options':[^'lowerdir=/l:%.*s:/l']}]}",
		VST_PATH_MAX + 1, x);
}

static void layers(void **state)
{
	(void)state;
	mount_says("NEW /d type=overlay source=o LOWER /l", OVERLAY ",'source':'o'",
		"'lowerdir=/l'");
	mount_says(
		"NEW /d type=overlay source=overlay WORK /w FLAG userxattr UPPER /u LOWER /b "
		"LOWER /a LOWER / STRING index=on",
		OVERLAY,
		"'rw','workdir=//w/','userxattr','upperdir=/./u','lowerdir=/b:/a/.:/"
		"','index=on'");
	/* What a backslash is before. */
	mount_says("NEW /d type=overlay source=overlay LOWER /a:b LOWER /c\\ LOWER /d,e,\\: "
		   "UPPER /u:v=, WORK /\\w:",
		OVERLAY,
		"'lowerdir=/a\\\\:b:/c\\\\\\\\:/d\\\\,e,\\\\\\\\\\\\:','upperdir=/"
		"u:v\\u003d\\\\,',"
		"'workdir=/\\\\\\\\w\\\\:'");
	mount_says("NEW /d type=overlay source=overlay LOWER /a LOWER /b", OVERLAY,
		"'low\\u0065rdir\\u003d\\/a\\u003a\\/b'");
	mount_says("NEW /d type=overlay source=overlay LOWER /a=b", OVERLAY, "'lowerdir=/a=b'");
	/* For another type they are data. */
	mount_says("NEW /d type=t source=t STRING lowerdir=a::b\\ STRING lowerdir+=x", NEW,
		"'lowerdir=a::b\\\\','lowerdir+=x'");
	mount_says("NEW /d type=overlayfs source=overlayfs STRING lowerdir=a",
		"'destination':'/d','type':'overlayfs'", "'lowerdir=a'");
}

static void layer_rules(void **state)
{
	static const struct {
		const char *code, *options;
	} cases[] = {
		{"LAYER_EMPTY", "^'lowerdir='"},
		{"LAYER_EMPTY", "^'lowerdir=:/a'"},
		{"LAYER_EMPTY", "^'lowerdir=/a:'"},
		{"LAYER_EMPTY", "^'lowerdir=/a::/b'"},
		{"LAYER_EMPTY", "^'upperdir='"},
		{"LAYER_EMPTY", "^'workdir='"},
		{"NOT_ABSOLUTE", "^'lowerdir=a'"},
		{"NOT_ABSOLUTE", "^'lowerdir=/a:.'"},
		{"NOT_ABSOLUTE", "^'lowerdir=/a: /b'"},
		{"NOT_ABSOLUTE", "^'upperdir=u'"},
		{"NOT_ABSOLUTE", "^'workdir=\\\\:/u'"},
		{"DOTDOT", "^'lowerdir=/a:/b/..'"},
		{"DOTDOT", "^'upperdir=/../u'"},
		{"LAYER_ESCAPE", "^'lowerdir=/a\\\\'"},
		{"LAYER_ESCAPE", "^'lowerdir=/a\\\\b'"},
		{"LAYER_ESCAPE", "^'lowerdir=\\\\/a'"},
		{"LAYER_ESCAPE", "^'lowerdir=/a\\\\\\\\\\\\'"},
		{"LAYER_ESCAPE", "^'upperdir=/a\\\\=b'"},
		{"LAYER_KEY", "^'lowerdir'"},
		{"LAYER_KEY", "^'upperdir'"},
		{"LAYER_KEY", "^'workdir'"},
		{"LAYER_KEY", "^'lowerdir+=/a'"},
		{"LAYER_KEY", "^'lowerdir+'"},
		{"LAYER_KEY", "^'datadir+=/a'"},
		{"LAYER_KEY", "^'datadir+'"},
		{"LAYER_TWICE", "'lowerdir=/a',^'lowerdir=/a'"},
		{"LAYER_TWICE", "'workdir=/a','upperdir=/c',^'workdir=/b'"},
		{"LAYER_TWICE", "'upperdir=/a','workdir=/c',^'upperdir=/b'"},
		{"UPPER_ALONE", "'lowerdir=/a',^'upperdir=/b'"},
		{"WORK_ALONE", "^'workdir=/b','lowerdir=/a'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *mark = strchr(cases[i].options, '^');
		int before = 0;
		char place[32];

		for (const char *s = cases[i].options; s < mark; s++)
			before += *s == ',';
		snprintf(place, sizeof place, "mounts[0].options[%d]", before);
		fails(cases[i].code, place, "{'mounts':[{" OVERLAY ",'options':[%s]}]}",
			cases[i].options);
	}
	fails("NO_LOWER", "mounts[0].options", "{'mounts':[^{" OVERLAY "}]}");
	fails("NO_LOWER", "mounts[0].options",
		"{'mounts':[^{" OVERLAY ",'options':['upperdir=/u','workdir=/w','x']}]}");
}

/* Members in any order; what one mount said is not the next one's; escapes last. */
static void any_order(void **state)
{
	(void)state;
	says("MOUNT NEW /d type=ty source=s\xc3\xa9 set=ro FLAG q:\xc3\xa9\n"
	     "MOUNT NEW e type=t source=t\nMOUNT PROPAGATION /f propagation=shared\n"
	     "MOUNT BIND /g source=/s\nMOUNT NEW /h type=u source=u\nEND 5 0\n",
		"{'mounts':[{'\\u006fptions':['\\u0071:\\u00e9','r\\u006f'],"
		"'source':'\\u0073\\u00e9','type':'\\u0074y','destination':'\\/d'},"
		"{'type':'t','destination':'\\u0065'},"
		"{'options':['shared'],'destination':'/f','type':null},"
		"{'uidMappings':[],'source':'/\\u0073','gidMappings':null,'options':['bind'],"
		"'destination':'/g'},{'destination':'/h','options':null,'type':'u'}]}");
}

static void notes(void **state)
{
	(void)state;
	says("WARN BIND_IGNORED 1:64 mounts[0].options[1]\n"
	     "WARN BIND_IGNORED 1:78 mounts[0].options[3]\nMOUNT BIND /d source=/s\nEND 1 2\n",
		"{'mounts':[{" FROM_S
		",'options':['bind','sync','sync','dirsync','dirsync']}]}");
	says("WARN BIND_IGNORED 1:57 mounts[0].options[0]\nMOUNT RBIND /d source=/s\nEND 1 1\n",
		"{'mounts':[{" FROM_S ",'options':['async','rbind']}]}");
	/* Where they count, nothing is said. */
	mount_says("REMOUNT /d sb_set=sync", FROM_S, "'sync','remount','bind'");
	SAYS_STRICT("{\"mounts\":[{\"destination\":\"d\",\"source\":\"/s\","
		    "\"options\":[\"bind\",\"sync\"]}]}",
		"WARN BIND_IGNORED 1:63 mounts[0].options[1]\nMOUNT BIND d source=/s\nEND 1 "
		"1\n");
}

static void directories_of_cgroups(void **state)
{
	char x[VST_COMPONENT_MAX + 2];

	(void)state;
	says("CGROUP a\nCGROUP b/c\nCGROUP d\nCGROUP a\nCGROUP cpu\nCGROUP tasks.x/\xc3\xa9 y\n"
	     "END 6 0\n",
		"{'cgroups':['a','/b/./c/','///d','a','/cpu','tasks.x/\\u00e9 y']}");
	fails("EMPTY", "cgroups[1]", "{'cgroups':['a',^'/']}");
	fails("EMPTY", "cgroups[0]", "{'cgroups':[^'.']}");
	fails("EMPTY", "cgroups[0]", "{'cgroups':[^'//./']}");
	fails("DOTDOT", "cgroups[0]", "{'cgroups':[^'/a/../b']}");
	fails("CGROUP", "cgroups[1]", "{'cgroups':['a',^'/a/cgroup.procs']}");
	fails("CGROUP", "cgroups[0]", "{'cgroups':[^'tasks']}");
	fails("CGROUP", "cgroups[0]", "{'cgroups':[^'memory.max/a']}");
	memset(x, 'x', sizeof x - 1);
	x[sizeof x - 1] = '\0';
	fails("COMPONENT_LONG", "cgroups[0]", "{'cgroups':[^'/a/%s']}", x);
}

static void order_of_operations(void **state)
{
	(void)state;
	says("NAMESPACE n\nCGROUP c\nMKDIR d\nMOUNT PROPAGATION m propagation=shared\nLINK l\n"
	     "BIND_NS net /n\nEND 6 0\n",
		"{'namespace':'n','cgroups':['c'],'bindNS':{'net':'/n'},'mkdir':['d'],"
		"'mounts':[{'destination':'m','options':['shared']}],'interfaces':[{'name':'l'}"
		"]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_mounts),
		cmocka_unit_test(binds),
		cmocka_unit_test(changes),
		cmocka_unit_test(data),
		cmocka_unit_test(sources),
		cmocka_unit_test(types),
		cmocka_unit_test(destinations),
		cmocka_unit_test(lengths),
		cmocka_unit_test(layers),
		cmocka_unit_test(layer_rules),
		cmocka_unit_test(any_order),
		cmocka_unit_test(notes),
		cmocka_unit_test(directories_of_cgroups),
		cmocka_unit_test(order_of_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
