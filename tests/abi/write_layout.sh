#!/bin/sh
# write_layout.sh HEADER.h: the layout assertions of that header, as layout_v1_N.inc holds them for a released minor,
# on standard output. Needs cc: offsets and sizes are the compiler's word.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  printf '#include <stdio.h>\n#include "%s"\nint main(void) {\n' "$(realpath "$1")"
  # Comments away; then a struct's body is split at its semicolons, and the names taken out of each declaration.
  cc -w -fpreprocessed -dD -E -P -x c "$1" 2> "$work/said" | awk '
    /^typedef struct huiliu_[a-z_]+ \{/ { name = $3; body = ""; grows = 0; next }
    name != "" && /^}/ {
      if (body ~ /struct_size/ || name == "huiliu_record" || name == "huiliu_placement") grows = 1
      count = split(body, fields, ";")
      for (i = 1; i < count; ++i) {
        field = fields[i]
        if (match(field, /\(\*[a-z0-9_]+\)/)) {
          names = substr(field, RSTART + 2, RLENGTH - 3)
        } else {
          gsub(/\[[0-9]+\]/, "", field)
          sub(/^[ \t\n]*(const )?(struct )?[a-z0-9_]+\*?[ \t]+/, "", field)
          names = field
        }
        n = split(names, each, ",")
        for (k = 1; k <= n; ++k) {
          gsub(/[ \t\n*]/, "", each[k])
          printf "  printf(\"AT(%s, %s, %%zu);\\n\", offsetof(%s, %s));\n", name, each[k], name, each[k]
        }
      }
      sizes = sizes sprintf("  printf(\"%s(%s, %%zu);\\n\", sizeof(%s));\n", grows ? "AT_LEAST" : "FROZEN", name, name)
      name = ""
      next
    }
    name != "" { body = body " " $0; next }
    /^enum \{/ { inside = 1 }
    inside {
      line = $0
      while (match(line, /HUILIU_[A-Z_0-9]+ = /)) {
        constant = substr(line, RSTART, RLENGTH - 3)
        values = values sprintf("  printf(\"LAYOUT_ASSERT(%s == %%d);\\n\", %s);\n", constant, constant)
        line = substr(line, RSTART + RLENGTH)
      }
      if (/};/) inside = 0
    }
    END { printf "%s%s", sizes, values }'
  printf '}\n'
} > "$work/layout.c"
cc -std=c11 -o "$work/layout" "$work/layout.c"
"$work/layout"
