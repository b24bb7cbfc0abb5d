#!/bin/sh
# The container image where no registry of images can be reached: its base is made from the distribution's
# mirror (debootstrap) under the name that the Containerfile asks for, then buildah builds as usual.
#   image-from-mirror.sh DEB [TAG huiliu] [MIRROR http://deb.debian.org/debian]
# Needs root, and the packages buildah and debootstrap.
set -eu
deb=$(realpath "$1") tag=${2:-huiliu} mirror=${3:-http://deb.debian.org/debian}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
here=$(dirname "$(realpath "$0")")
base=docker.io/library/debian:bookworm-slim

if ! buildah images --format '{{.Name}}:{{.Tag}}' | grep -qx "$base"; then
  debootstrap --variant=minbase bookworm "$place/rootfs" "$mirror"
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$place/rootfs" /
  buildah commit --quiet "$container" "$base"
  buildah rm "$container"
fi
cp "$deb" "$place/huiliu.deb"
cp "$here/Containerfile" "$place/"
buildah bud --isolation chroot --pull-never --build-arg DEB=huiliu.deb -t "$tag" "$place"
# It runs, and is the program that was packed.
container=$(buildah from --pull-never "localhost/$tag")
buildah run --isolation chroot "$container" -- huiliu version
buildah rm "$container"
