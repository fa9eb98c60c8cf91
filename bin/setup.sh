#!/bin/sh
# setup.sh SCRIPT ARGS…: sees to Node >= 24 and the packages, then runs a script of the project. npm's scripts start here.
self=$0
. "${self%/*}/node.sh"
script=$1
shift
exec "$node" --disable-warning=ExperimentalWarning "$root/$script" "$@"
