#!/bin/sh
# tutorial.sh PAGE PREFIX WORK: does what the tutorial's page says. A block after "<!-- file: PATH -->" is that file; one
# after "<!-- run -->" is a command, run in the project's directory once there is one.
set -eu
page=$1 prefix=$2 work=$3
rm -rf "$work"
mkdir -p "$work/blocks"
cd "$work"
export PATH="$prefix/bin:$PATH" CMAKE_PREFIX_PATH="$prefix"
awk -v into="$work/blocks" '
  /^<!-- file: .* -->$/ { kind = "file"; path = $3; next }
  /^<!-- run -->$/ { kind = "run"; next }
  /^```/ && open { close(name); open = 0; kind = ""; next }
  /^```/ && kind != "" { open = 1; name = sprintf("%s/%03d", into, ++number)
                         print kind, path > (name ".is"); close(name ".is"); next }
  open { print > name }
' "$page"
[ "$(ls blocks/*.is | wc -l)" -ge 8 ] || { echo "the page has too few blocks"; exit 1; }
for is in blocks/*.is; do
  read -r kind path < "$is"
  block=$work/${is%.is}
  if [ "$kind" = file ]; then
    mkdir -p "orchid/$(dirname "$path")"
    cp "$block" "orchid/$path"
  else
    directory=.
    [ -d orchid ] && directory=orchid
    (cd "$directory" && sh -eu "$block") || { echo "failed:"; cat "$block"; exit 1; }
  fi
done
# What the last commands say is in their output; that a changed package is refused is tried here.
cd orchid
printf 'x' | dd of=orchid-1.0.0.huiliu bs=1 seek=5000 conv=notrunc 2> /dev/null
if huiliu plugin verify orchid-1.0.0.huiliu --trust trust; then echo "a changed package was accepted"; exit 1; fi
