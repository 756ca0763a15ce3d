#!/usr/bin/env bash
# Makes .venv/ with the locked dependencies and installs bubblewrap where root makes that possible.
# Does nothing when requirements.lock and pyproject.toml have not changed since the last time.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 1; }
as_root() { [ "$(id -u)" = 0 ]; }
apt_install() { as_root && command -v apt-get >/dev/null && { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"; } >/dev/null 2>&1; }

find_python() {
    for name in ${PYTHON:-} python3.12 python3.11 python3.13 python3; do
        command -v "$name" >/dev/null || continue
        "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || continue
        printf '%s' "$name"; return
    done
    stop "Python 3.11, 3.12 or 3.13 is needed. On Debian or Ubuntu: apt install python3 python3-venv; elsewhere name one: make PYTHON=/path/to/python3.12"
}

make_venv() {
    local python=$1
    if "$python" -c 'import ensurepip' 2>/dev/null; then "$python" -m venv .venv; return; fi
    say "this Python has no ensurepip (Debian keeps it in python3-venv)"
    local version; version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if apt_install "$version" || apt_install python3-venv; then "$python" -m venv .venv; return; fi
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --without-pip .venv
        "$python" -m pip --python .venv/bin/python install --quiet pip
        return
    fi
    stop "cannot make a virtual environment: apt install $version"
}

want=$(cat requirements.lock pyproject.toml scripts/setup.sh | sha256sum | cut -c1-64)
if [ "$(cat .venv/.labgrade-setup 2>/dev/null || true)" != "$want" ]; then
    if ! .venv/bin/python -c 'import sys' 2>/dev/null || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        rm -rf .venv
        make_venv "$(find_python)"
    fi
    say "installing the locked packages into .venv (about 2 GB, a few minutes the first time)"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
    printf '%s' "$want" > .venv/.labgrade-setup
fi

if ! command -v bwrap >/dev/null; then
    if apt_install bubblewrap; then
        say "installed bubblewrap"
    else
        say "isolation is reduced: bubblewrap is missing, so submissions run with your own rights; install it with: sudo apt install bubblewrap"
    fi
fi
