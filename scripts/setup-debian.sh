#!/bin/bash
# Installs the Debian packages that the tests need, where they are missing, and says so.
missing=()
command -v git >/dev/null || missing+=(git)
command -v curl >/dev/null || missing+=(curl)
# The tests of the dashboard look at it in a real browser.
command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
# `promtool` checks what is told at /metrics, and the alert rules.
command -v promtool >/dev/null || missing+=(prometheus)

[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "error: the tests need: ${missing[*]}. Install them, then run it again." >&2
  exit 1
fi
echo "Installing ${missing[*]} (apt-get)…" >&2
apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
