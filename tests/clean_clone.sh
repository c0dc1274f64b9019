#!/usr/bin/env bash
# In a clean clone of the last commit, as root and as an ordinary user whose home is closed to others: the first
# `make run` is ready within 5 minutes, the second within 15 seconds, an interrupt sent by a script leaves no process,
# no permission of the home has changed, and `make test` passes. ONLY_RUN=1 leaves the tests out. USERS="root daemon".
set -euo pipefail
source=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
PYTHON=${PYTHON:-python3}
PORT=${PORT:-8765}
FIRST_SECONDS=300
SECOND_SECONDS=15
place=$(mktemp -d)
chmod 711 "$place"
data=

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

as() { # user command…: as somebody else only if that is needed
    local user=$1
    shift
    if [ "$user" = "$(id -un)" ]; then "$@"; else runuser -u "$user" -- env HOME="$place/$user" "$@"; fi
}

left() { # processes of the clone, its data or its engines
    ps -eo pid=,stat=,args= | grep -F -e "$clone" -e "${data:-$clone}" | grep -v -e ' Z' -e 'grep -F' -e clean_clone || true
}

clean_up() {
    [ -n "${group:-}" ] && kill -TERM -- "-$group" 2>/dev/null && sleep 10
    case $data in "$place"/* | /var/lib/ikbt/????????????) rm -rf "$data" ;; esac
    rm -rf "$place"
}
trap clean_up EXIT

ready() { "$PYTHON" -m ikbt.probe "http://127.0.0.1:$PORT/ready/"; }

run_once() { # user seconds signal receiver(make or group)
    local user=$1 seconds=$2 signal=$3 receiver=$4 began=$SECONDS
    ready && fail "port $PORT answers already"
    as "$user" setsid make run PORT="$PORT" PYTHON="$PYTHON" >"$place/said" 2>&1 &
    wait_for_group
    until ready; do
        [ $((SECONDS - began)) -le "$seconds" ] || { cat "$place/said"; fail "not ready after $seconds s"; }
        kill -0 -- "-$group" 2>/dev/null || { cat "$place/said"; fail "make run ended"; }
        sleep 0.2
    done
    printf '   ready after %d s (at most %d)\n' $((SECONDS - began)) "$seconds"
    if [ "$receiver" = group ]; then kill "-$signal" -- "-$group"; else kill "-$signal" "$group"; fi
    wait || true
    group=
    [ -z "$(left)" ] || { left; fail "processes are left after $signal"; }
    printf '   no process left after SIG%s to %s\n' "$signal" "$receiver"
}

wait_for_group() { # setsid may fork: find the session leader `make` by its folder
    for _attempt in $(seq 50); do
        for entry in /proc/[0-9]*; do
            if [ "$(readlink "$entry/cwd" 2>/dev/null)" = "$clone" ] &&
                tr '\0' ' ' <"$entry/cmdline" 2>/dev/null | grep -q '^make run'; then
                group=${entry#/proc/}
                return
            fi
        done
        sleep 0.1
    done
    cat "$place/said"
    fail "make run did not start"
}

for user in ${USERS:-$([ "$(id -u)" -eq 0 ] && echo root daemon || id -un)}; do
    printf '== %s\n' "$user"
    home=$place/$user clone=$place/$user/ikbt
    mkdir -m 700 "$home"
    git clone --quiet "$source" "$clone"
    [ "$user" = "$(id -un)" ] || chown -R "$user:" "$home"
    cd "$clone"
    data=$(as "$user" "$PYTHON" -c 'from ikbt.env import env; print(env.data_folder())')
    run_once "$user" "$FIRST_SECONDS" INT group
    run_once "$user" "$SECOND_SECONDS" TERM make
    [ "$(stat -c %a "$home")" = 700 ] || fail "the home's permissions changed"
    [ -n "${ONLY_RUN:-}" ] || as "$user" make test PYTHON="$PYTHON" || fail "make test"
    cd /
    case $data in /var/lib/ikbt/????????????) rm -rf "$data" ;; esac
    rm -rf "$home"
done
printf 'A clean clone runs, stops and passes its tests.\n'
