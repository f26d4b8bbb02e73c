#!/usr/bin/env bash
# Runs a command beside a private PostgreSQL server and removes the server afterwards, whatever happened.
#
#   scripts/with-postgres.sh COMMAND [ARGUMENT…]
#
# The command finds TALON_TEST_POSTGRES=postgres://…, a superuser's address: every test creates a database of its own.
# TALON_TEST_POSTGRES_CTL is a program that stops and starts this server (`… stop -m immediate`, `… start`), for a test
# that has a server to itself.
# Durability is PostgreSQL's default (fsync and synchronous_commit on). As root the server runs as `postgres`, for it
# refuses to run as root. Where PostgreSQL is not installed the command runs without the variable, and the tests that
# need it report themselves as skipped.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT…]" >&2; exit 2; }

pg_bin() {
  local directory
  for directory in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v initdb || echo /none/x)")"; do
    if [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ]; then echo "$directory"; return; fi
  done
  return 1
}

if ! bin=$(pg_bin); then
  echo "with-postgres: no PostgreSQL server here (package postgresql): its tests are skipped" >&2
  exec "$@"
fi

as=()
if [ "$(id -u)" = 0 ]; then
  owner=postgres
  id "$owner" >/dev/null 2>&1 || owner=nobody
  as=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups env "HOME=/tmp" "PATH=$PATH" LC_ALL=C)
fi

dir=$(mktemp -d "/tmp/talon-postgres.XXXXXX") # /tmp on purpose: a socket's path must stay under 108 bytes
chmod 700 "$dir"
[ ${#as[@]} -eq 0 ] || chown "$owner" "$dir"
cd_safe() { (cd "$dir" && "$@"); } # the server's user may not enter the caller's directory

remove() {
  if [ -f "$dir/data/postmaster.pid" ]; then
    cd_safe "${as[@]}" "$bin/pg_ctl" stop -D "$dir/data" -m immediate -w -t 20 >/dev/null 2>&1 || true
  fi
  rm -rf "$dir"
}
trap remove EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

cd_safe "${as[@]}" "$bin/initdb" -D "$dir/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C \
  --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
CONF

port=
for _ in $(seq 1 20); do
  try=$((20000 + (RANDOM * 32768 + RANDOM) % 12000)) # below the range the kernel gives to outgoing connections
  if (exec 3<>"/dev/tcp/127.0.0.1/$try") 2>/dev/null; then continue; fi
  if cd_safe "${as[@]}" "$bin/pg_ctl" start -D "$dir/data" -o "-p $try" -l "$dir/server.log" -w -t 60 >/dev/null 2>&1; then
    port=$try
    break
  fi
  grep -q 'could not bind\|Address already in use' "$dir/server.log" 2>/dev/null || break
done
if [ -z "$port" ]; then
  echo "with-postgres: the server did not start:" >&2
  tail -n 20 "$dir/server.log" >&2 || true
  exit 1
fi

{
  echo '#!/usr/bin/env bash'
  printf 'cd %q && exec' "$dir"
  printf ' %q' "${as[@]}" "$bin/pg_ctl"
  printf ' "$@" -D %q -o %q -l %q -w -t 60\n' "$dir/data" "-p $port" "$dir/server.log"
} >"$dir/ctl"
chmod 755 "$dir/ctl"

# If this script itself is killed with -9, the watchman stops the server within a second or two. `set -m` gives it a
# process group of its own, so that killing the whole group of the script leaves it alive.
script=$$
set -m
(
  trap '' HUP INT TERM
  tail --pid="$script" -f /dev/null
  [ ! -d "$dir" ] || remove
) </dev/null >/dev/null 2>&1 &
set +m

export TALON_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
export TALON_TEST_POSTGRES_CTL="$dir/ctl"
"$@"
