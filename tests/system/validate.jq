# SPDX-License-Identifier: Apache-2.0
# A small validator of JSON Schema, draft 2020-12: the part that the tree's schemas use. What it does
# not know is an error, so that a schema cannot promise what nobody checks.
#
#   jq -n --slurpfile schema SCHEMA --slurpfile document DOCUMENT -f validate.jq
#
# prints a list of what is wrong; an empty one: the document is valid.

def known: ["$schema", "$id", "$defs", "$ref", "title", "description", "type", "required",
	"properties", "additionalProperties", "items", "enum", "const"];

def is_type($name):
	if $name == "integer" then type == "number" and . == floor else type == $name end;

# The schema behind a reference, with what stands beside it.
def follow($root):
	if has("$ref") then
		(.["$ref"] | ltrimstr("#/") | split("/")) as $path
		| ($root | getpath($path)) as $to
		| if $to == null then error("no such $ref: " + ($path | join("/")))
		  else ($to | follow($root)) + del(.["$ref"], .description) end
	else . end;

def wrong($schema; $root; $at):
	. as $value
	| ($schema | follow($root)) as $s
	| (($s | keys) - known) as $unknown
	| if $unknown != [] then error("not known here: " + ($unknown | join(", "))) else
		(if ($s | has("type")) and
			([$s.type] | flatten | any(. as $t | $value | is_type($t)) | not)
		 then "\($at): is no \($s.type | tojson)" else empty end),
		(if ($s | has("const")) and $value != $s.const
		 then "\($at): is not \($s.const | tojson)" else empty end),
		(if ($s | has("enum")) and ($s.enum | index([$value]) == null)
		 then "\($at): is none of \($s.enum | tojson)" else empty end),
		(if ($value | type) == "object" then
			(($s.required // [])[] as $name
			 | select($value | has($name) | not) | "\($at): has no \($name)"),
			($value | keys[] as $name
			 | if ($s.properties // {}) | has($name)
			   then .[$name] | wrong($s.properties[$name]; $root; "\($at).\($name)")
			   elif $s.additionalProperties == false then "\($at): \($name) is not known"
			   else empty end)
		 else empty end),
		(if ($value | type) == "array" and ($s | has("items")) then
			range($value | length) as $i
			| $value[$i] | wrong($s.items; $root; "\($at)[\($i)]")
		 else empty end)
	  end;

[$document[] | wrong($schema[0]; $schema[0]; "plan")]
+ if ($document | length) == 1 then [] else ["not one document"] end
