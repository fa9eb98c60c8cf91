# Sourced by bin/godel and bin/setup.sh, with $self set to the path of the caller.
# Sets $root (the project) and $node (a Node >= 24), and exports NODE_COMPILE_CACHE.
# Forks at most three times when all is in place: `godel --help` pays for each.

node_version=24.21.0

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "error: $1"
  say "  $2"
  exit 3
}

# Where Node and compiled code are kept: the user's cache, else the project's own.
find_cache() {
  cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
  if [ -n "$cache" ]; then
    cache=$cache/godel
    [ -d "$cache" ] || mkdir -p "$cache" 2>/dev/null || :
    [ -d "$cache" ] && [ -w "$cache" ] && return
  fi
  cache=$root/.cache
  [ -d "$cache" ] || mkdir -p "$cache" 2>/dev/null || :
}

# Whether $1 runs and is Node 24 or newer.
is_good() {
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 24 ] 2>/dev/null
}

find_node() {
  cached=$cache/node-$node_version/node_modules/node/bin/node
  if [ -n "${GODEL_NODE:-}" ] && is_good "$GODEL_NODE"; then
    node=$GODEL_NODE
  elif is_good node; then
    node=node
  else
    # Put there by a rename after it ran once, so that its presence is proof enough.
    [ -x "$cached" ] || { . "$root/bin/install.sh" && fetch_node; }
    node=$cached
  fi
}

# A clone has a lockfile; npm writes its own copy last, so a missing copy means no install or half of one.
find_packages() {
  [ -f "$root/node_modules/.package-lock.json" ] || [ ! -f "$root/package-lock.json" ] && return
  . "$root/bin/install.sh"
  install_packages
}

root=$(CDPATH='' cd -- "${self%/*}/.." && pwd -P) || exit
find_cache
find_node
find_packages
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$cache/compiled}"
