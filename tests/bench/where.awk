# SPDX-License-Identifier: Apache-2.0
# marks.map, then what marks.c wrote: the median time of each group of files, a line each:
# SCENARIO GROUP... MICROSECONDS

function group_of(file) {
	if (file ~ /^(main|cli|startup|caller)\.c$/)
		return "start-up: descriptors, signals, arguments, caller"
	if (file ~ /^(caps|filter)\.c$/)
		return "capabilities and filter"
	if (file == "spawn.c")
		return "spawn: clone and what is around it"
	if (file == "collect.c")
		return "waiting for the parser, collecting, reaping"
	if (file ~ /^(validate.*|wire_get|name|plan|capabilities|admit|confirm|expect)\.c$/)
		return "judgement: validate, plan, admit, confirm"
	if (file ~ /^(journal.*|state)\.c$/)
		return "journal and lock"
	if (file ~ /^(bundle|walk|resolve.*|lookup|pins|cover|hierarchy|beneath)\.c$/)
		return "paths: bundle, walk, resolve"
	if (file ~ /^(repair|held|undo)\.c$/)
		return "held, repair, undo"
	if (file == "exec_dir.c" || file == "exec_file.c" || file == "made.c")
		return "executor: directories"
	if (file ~ /^(exec_mount|exec_new|exec_bind|exec_change|execute_mount|attach|mountinfo|attr|fs|subtree|footing)\.c$/)
		return "executor: mounts"
	if (file ~ /^(exec_ns|ns|proc|target)\.c$/)
		return "executor: namespaces; the process"
	if (file ~ /^(exec_link|link_id|nl|nl_.*|nets)\.c$/)
		return "executor: links"
	if (file ~ /^(run|execute|verb_.*|report|err|outside)\.c$/)
		return "the run itself, the report"
	return file
}

function median(name, n,    i, j, v, list) {
	for (i = 1; i <= n; i++) {
		v = spent[name, i] + 0
		for (j = i; j > 1 && list[j - 1] > v; j--)
			list[j] = list[j - 1]
		list[j] = v
	}
	return list[int((n + 1) / 2)] / 1000
}

FNR == NR {
	sub(/^0+/, "", $1)
	file[$1] = $2
	next
}
$1 == "run" {
	runs++
	spent["start", runs] = $2
	spent["inside", runs] = $3
	next
}
$1 == "marks" {
	spent["marks", runs] = $2
	next
}
{
	group = group_of($1 == "0" ? "outside.c" : file[$1])
	known[group] = 1
	spent[group, runs] += $2
}
END {
	# One run more than bench counts: the first of a row.
	start = median("start", runs)
	inside = median("inside", runs)
	print scenario, "total", wall
	print scenario, "start", start
	for (group in known)
		print scenario, group, median(group, runs)
	print scenario, "end", wall - start - inside - median("marks", runs)
	print scenario, "ratio", ratio
}
