#!/bin/sh
# Prints the Python that builds the environment, or says in words what is missing.
#
# Promised: the printed program is Python 3.11 or newer and has venv and pip (ensurepip).
# Left to the caller: everything else. PYTHON=/path/to/python skips the search, not the test.
set -eu

works='
import importlib.util, sys
if sys.version_info < (3, 11):
    sys.exit("is Python %d.%d" % sys.version_info[:2])
for module in ("venv", "ensurepip"):
    if importlib.util.find_spec(module) is None:
        sys.exit("has no %s" % module)
'

tried=""
for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if path=$(command -v "$name") && complaint=$("$path" -c "$works" 2>&1); then
        echo "$path"
        exit 0
    fi
    tried="$tried
  $name: $(printf '%s' "${complaint:-is not there or does not run}" | head -n 1)"
    complaint=""
done

cat >&2 <<END
Comity needs Python 3.11 or newer with its venv and ensurepip modules. Tried:$tried
Install one (on Debian and Ubuntu: the packages python3 and python3-venv), or name one:
  make env PYTHON=/path/to/python3
END
exit 1
