#!/bin/sh
# What a program is made of, as CycloneDX 1.5 on stdout: the Debian packages of every library that it loads
# (scope required), and of those whose headers were compiled into it (scope excluded: not there at run time).
#   bill-of-materials.sh VERSION PACKAGES.TXT PROGRAM…
# The same machine and programs give the same bytes: no time, no random number.
set -eu
version=$1 build_packages=$2
shift 2

libraries=$(for program in "$@"; do ldd "$program"; done |
  sed -n 's|.*=> \(/[^ ]*\) .*|\1|p; s|^[[:space:]]*\(/[^ ]*\) (.*|\1|p' | sort -u | xargs realpath | sort -u)
# A file may be known to dpkg with or without /usr.
known=$(for library in $libraries; do printf '%s\n' "$library" "/usr$library" "${library#/usr}"; done |
  xargs dpkg-query -S 2>/dev/null || true)
for library in $libraries; do
  case "$known" in
    *": $library"* | *": ${library#/usr}"*) ;;
    *) echo "bill-of-materials: $library belongs to no package" >&2 && exit 1 ;;
  esac
done
loaded=$(printf '%s\n' "$known" | cut -d: -f1 | sort -u)
headers=$(sed 's/#.*//' "$build_packages" | tr -s ' \t' '\n' | grep -- '-dev$' | sort -u)

components() {  # SCOPE PACKAGE…: one a line; what is not installed is left out
  scope=$1
  shift
  { dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${Homepage}\n' "$@" 2>/dev/null || true; } |
    sort -u -t "$(printf '\t')" -k 1,1 | awk -F '\t' -v scope="$scope" '{
      home = $4 == "" ? "" : ",\"externalReferences\":[{\"type\":\"website\",\"url\":\"" $4 "\"}]"
      purl = "pkg:deb/debian/" $1 "@" $2 "?arch=" $3
      gsub(/\+/, "%2B", purl)
      printf "{\"type\":\"library\",\"bom-ref\":\"%s\",\"name\":\"%s\",\"version\":\"%s\",\"scope\":\"%s\",\"purl\":\"%s\"%s}\n",
        $1, $1, $2, scope, purl, home }'
}

# Names of packages hold no blanks.
# shellcheck disable=SC2086
lines=$(components required $loaded && components excluded $headers)
printf '{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,\n'
printf '"metadata":{"component":{"type":"application","bom-ref":"huiliu","name":"huiliu","version":"%s"}},\n' "$version"
printf '"components":[\n%s\n],\n' "$(printf '%s\n' "$lines" | sed '$!s/$/,/')"
printf '"dependencies":[{"ref":"huiliu","dependsOn":[%s]}]}\n' "$(printf '%s\n' "$loaded" | sed 's/.*/"&"/' | paste -sd, -)"
