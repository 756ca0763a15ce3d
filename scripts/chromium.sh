#!/usr/bin/env bash
# Installs Debian's Chromium for the tests that open pages, where root makes that possible.
# Never fails, takes three minutes at most, and does nothing where there is one; those tests are else skipped.
set -u
cd "$(dirname "$0")/.."
tried=.venv/.labgrade-no-chromium # a day long no second attempt: without a network each takes a while

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done

missing() {
    printf 'setup: no Chromium (%s), so the tests that open pages in one are skipped; install it with: sudo apt install chromium\n' "$1"
    exit 0
}

apt() { # limit in seconds, arguments
    timeout --signal=INT --kill-after=5 "$1" apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=15 -o DPkg::Lock::Timeout=5 "${@:2}" </dev/null >/dev/null 2>&1
}

command -v apt-get >/dev/null || missing "this system has no apt"
[ "$(id -u)" = 0 ] || missing "only root can install it"
[ -z "$(find "$tried" -mmin -1440 2>/dev/null)" ] || missing "the last attempt, less than a day ago, failed; to try again: rm $tried"
printf 'setup: installing Chromium for the tests that open pages (three minutes at most)\n'
export DEBIAN_FRONTEND=noninteractive
# What is loaded first can be broken off at any time; unpacking takes seconds.
apt 40 update
if apt 80 install -y --no-install-recommends --download-only chromium fonts-liberation &&
    apt 60 install -y --no-install-recommends --no-download chromium fonts-liberation && command -v chromium >/dev/null; then
    printf 'setup: installed Chromium\n'
    exit 0
fi
touch "$tried" 2>/dev/null
missing "apt could not install it"
