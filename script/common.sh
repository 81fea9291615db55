# shellcheck shell=bash
# What the scripts share. Sourced from the project's folder.

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# Prints a Python that is new enough and can make virtual environments.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
        # Run it: a version manager leaves commands behind that only print an error.
        if [ -n "$candidate" ] && "$candidate" - >/dev/null 2>&1 <<<'
import sys, venv, ensurepip
sys.exit(sys.version_info < (3, 11))'; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

why_no_python() {
    local found
    found=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
    case $found in
    "") say "MediaHub needs Python 3.11 or newer; there is no python3." ;;
    2.* | 3.[0-9] | 3.10) say "MediaHub needs Python 3.11 or newer; python3 is $found. Name another with PYTHON=..." ;;
    *) say "This Python $found cannot make virtual environments: its venv module is missing." ;;
    esac
    say "Debian or Ubuntu: apt-get install python3 python3-venv"
}

# need_packages FILE: a virtual environment in .venv with the packages of this file; quick when nothing changed.
need_packages() {
    local python stamp
    if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$(find_python) || {
            why_no_python
            exit 1
        }
        say "Making the virtual environment .venv ..."
        "$python" -m venv --clear .venv || die "The virtual environment could not be made."
    fi
    # Both files count, so that a package changed by either is put right by the next script, whichever it is.
    stamp=.venv/installed-$(.venv/bin/python - <<<'
import hashlib, pathlib
print(hashlib.sha256(b"".join(p.read_bytes() for p in sorted(pathlib.Path().glob("requirements*.txt")))).hexdigest()[:16])')
    if ! grep -qsxF "$1" "$stamp"; then
        say "Installing packages into .venv (a minute the first time) ..."
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --use-pep517 -r "$1" >&2 ||
            die "The packages could not be installed; pip says why above."
        [ -e "$stamp" ] || rm -f .venv/installed-*
        printf '%s\n' "$1" >>"$stamp"
    fi
}
