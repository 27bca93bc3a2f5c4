# SPDX-License-Identifier: Apache-2.0
# The rows of results.json that differ in N alone, as a plot: both axes logarithmic, so that what
# grows linearly ends as a line of slope 1.

function x_at(n) { return 70 + log(n) / log(10) * 120 }
function y_at(us) { return 470 - (log(us) / log(10) - 2) * 100 }

function text(x, y, how, what) {
	printf "<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>\n", x, y, how, what
}

function curve(title, side, colour, dashes,    i, path, x, y) {
	for (i = 1; i <= points[title]; i++) {
		x = x_at(count[title, i])
		y = y_at(us[title, i, side])
		path = path (i > 1 ? " L" : "M") sprintf("%.1f %.1f", x, y)
		printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y, colour
	}
	if (path == "")
		return
	printf "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" stroke-dasharray=\"%s\"/>\n",
		path, colour, dashes
	printf "<path d=\"M565 %d h30\" stroke=\"%s\" stroke-width=\"1.5\" stroke-dasharray=\"%s\"/>\n",
		legend - 4, colour, dashes
	text(602, legend, "", side ", " title)
	legend += 18
}

/"row": "(attach|prepare), .*[0-9]+ (veth|mkdir)"/ {
	title = ""
	if ($0 ~ /left_out/)
		next
	n = $0
	title = n ~ /veth"/ ? "N veths" : "N mkdir"
	sub(/ (veth|mkdir)".*/, "", n)
	sub(/.* /, "", n)
	at = ++points[title]
	count[title, at] = n
	next
}
/"row":/ { title = "" }
title != "" && /"side":/ {
	side = $0
	sub(/.*"side": "/, "", side)
	sub(/".*/, "", side)
	value = $0
	sub(/.*"median_us": /, "", value)
	sub(/,.*/, "", value)
	us[title, at, side] = value
}

END {
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"520\" viewBox=\"0 0 760 520\" font-family=\"sans-serif\" font-size=\"12\">"
	print "<rect width=\"760\" height=\"520\" fill=\"white\"/>"
	for (i = 0; i <= 4; i++) {
		x = x_at(10 ^ i)
		printf "<path d=\"M%d 70 V470\" stroke=\"#ddd\"/>\n", x
		text(x, 488, "text-anchor=\"middle\"", 10 ^ i)
		y = y_at(10 ^ (i + 2))
		printf "<path d=\"M70 %d H550\" stroke=\"#ddd\"/>\n", y
		text(62, y + 4, "text-anchor=\"end\"", i == 0 ? "0.1 ms" : i == 4 ? "1 s" : 10 ^ (i - 1) " ms")
	}
	text(310, 508, "text-anchor=\"middle\"", "N")
	text(70, 30, "font-size=\"15\"", "One run with N operations (medians; both axes logarithmic)")
	legend = 90
	curve("N veths", "vestibule", "#b03020", "")
	curve("N veths", "bare", "#b03020", "4 3")
	curve("N mkdir", "vestibule", "#2050b0", "")
	curve("N mkdir", "bare", "#2050b0", "4 3")
	print "</svg>"
}
