# Sourced by bin/node.sh when something must be fetched: once for a machine (Node), once for a clone (packages).

# Waits for its turn at $1: a symbolic link to the process that holds it, so that a dead holder can be told.
take_turn() {
  tries=0
  until ln -s "$$" "$1" 2>/dev/null; do
    tries=$((tries + 1))
    if ! holder=$(readlink "$1"); then
      # Freed this moment; or a disk that takes no link at all.
      [ $tries -lt 100 ] || fail "cannot write to ${1%/*}" "Free some space, or mend its permissions."
    elif kill -0 "$holder" 2>/dev/null; then
      sleep 1
    else
      rm -f "$1"
    fi
  done
  turn=$1
  fetched=
  trap 'rm -rf "$turn" ${fetched:+"$fetched"}' EXIT
  trap 'exit 130' INT TERM HUP
}

end_turn() {
  rm -f "$turn"
  trap - EXIT INT TERM HUP
}

need_npm() {
  command -v node >/dev/null 2>&1 || [ -n "${GODEL_NODE:-}" ] ||
    fail "godel needs Node, and there is no node in PATH" "Install Node 18 or newer with npm: https://nodejs.org/en/download"
  command -v npm >/dev/null 2>&1 ||
    fail "$1, and npm is missing" "Install npm, or set GODEL_NODE to a Node 24 or newer."
  # npm itself wants a place to write to, and takes the home even where there is none.
  [ -n "${HOME:-}" ] && [ -w "$HOME" ] || export HOME="$cache" npm_config_cache="$cache/npm"
}

# npm's own voice is kept for the case that it fails.
run_npm() {
  log=$cache/npm-$$.log
  npm "$@" --no-audit --no-fund --no-update-notifier --loglevel=error >"$log" 2>&1
  status=$?
  [ $status -eq 0 ] || head -n 5 "$log" >&2
  rm -f "$log"
  return $status
}

fetch_node() {
  need_npm "godel runs on Node 24, this machine has $(node --version 2>/dev/null || echo none)"
  mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] ||
    fail "cannot write to $cache" "Set XDG_CACHE_HOME to a folder that you may write to, or GODEL_NODE to a Node 24."
  take_turn "$cache/node.turn"
  if [ ! -x "$cached" ]; then
    say "Fetching Node 24 once… (npm package node@$node_version, 40 MB, into $cache)"
    fetched=$cache/fetching-$$
    # What a killed fetch left.
    rm -rf "$cache"/fetching-*
    mkdir -p "$fetched"
    install_node || node_failed
    # Not `mv`: onto a folder that is there it would move into it.
    node -e 'require("fs").renameSync(process.argv[1], process.argv[2])' "$fetched" "$cache/node-$node_version" 2>/dev/null
    [ -x "$cached" ] || node_failed
  fi
  end_turn
}

install_node() {
  run_npm install --prefix "$fetched" "node@$node_version" || return 1
  binary=$fetched/node_modules/node/bin/node
  # Where npm is told not to run scripts, the package is there and its binary is not.
  [ -x "$binary" ] ||
    (cd "$fetched/node_modules/node" && node installArchSpecificPackage.js >/dev/null 2>&1) || return 1
  is_good "$binary"
}

node_failed() {
  fail "could not fetch Node 24 from npm" "Check the network, or set GODEL_NODE to a Node 24 or newer."
}

install_packages() {
  need_npm "the packages of godel are not installed"
  mkdir -p "$root/.cache" 2>/dev/null && [ -w "$root" ] ||
    fail "cannot write to $root" "Run \`npm ci\` there once as a user who may."
  take_turn "$root/.cache/packages.turn"
  if [ ! -f "$root/node_modules/.package-lock.json" ]; then
    say "Installing packages once… (npm ci in $root)"
    (
      # Install scripts should meet the Node that will run the packages.
      case $node in */*) export PATH="${node%/*}:$PATH" ;; esac
      cd "$root" && run_npm ci
    ) || fail "could not install the packages" "Check the network, then run it again."
  fi
  end_turn
}
