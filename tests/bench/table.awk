# SPDX-License-Identifier: Apache-2.0
# Lines of where.awk as a table: a column for each scenario, the groups by what they take in all.
{
	scenario = $1
	value = $NF
	$1 = $NF = ""
	gsub(/^ +| +$/, "")
	if (!(scenario in column)) {
		column[scenario] = ++columns
		title[columns] = scenario
	}
	cell[$0, column[scenario]] = value
	sum[$0] += value
}
function line(name,    i) {
	printf "  %-52s", name
	for (i = 1; i <= columns; i++)
		if ((name, i) in cell)
			printf name == "ratio" ? " %12.2f" : " %12.0f", cell[name, i]
		else
			printf " %12s", "-"
	printf "\n"
	delete sum[name]
}
END {
	printf "\n  %-52s", ""
	for (i = 1; i <= columns; i++)
		printf " %12s", title[i]
	printf "\n"
	ratio = sum["ratio"]
	delete sum["ratio"]
	line("start")
	total = sum["total"]
	end = sum["end"]
	delete sum["total"]
	delete sum["end"]
	for (;;) {
		best = ""
		for (name in sum)
			if (best == "" || sum[name] > sum[best])
				best = name
		if (best == "")
			break
		line(best)
	}
	line("end")
	line("total")
	line("ratio")
}
