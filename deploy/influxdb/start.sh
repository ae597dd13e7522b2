#!/bin/bash
# Starts an InfluxDB 1.x in which everybody has to sign in. The first time it makes the database, its two retention policies and three
# users, whose passwords are files: see docs/guide/history.md. Until that is done it listens to itself alone.
set -eu
secrets="${PLIMSOLL_SECRETS:-/run/secrets}"
made="${INFLUXDB_META_DIR}/../plimsoll-made"
setup="${PLIMSOLL_SETUP_ADDRESS:-127.0.0.1:18086}"

# Statements come on standard input: what stands in arguments can be read by everybody on the machine.
ask() {
  local answer
  answer="$(curl -fsS --data-urlencode q@- "http://$setup/query")"
  case "$answer" in *'"error"'*)
    echo "InfluxDB refused: $answer" >&2
    return 1
    ;;
  esac
}

password() {
  if ! grep -Exq '[A-Za-z0-9]{16,}' "$secrets/$1"; then
    echo "the secret $1 has to be one line of 16 letters and digits or more" >&2
    return 1
  fi
  tr -d '\n' < "$secrets/$1"
}

if [ ! -e "$made" ]; then
  admin="$(password influxdb_admin_password)"
  writer="$(password influxdb_writer_password)"
  grafana="$(password influxdb_grafana_password)"
  INFLUXDB_HTTP_AUTH_ENABLED=false INFLUXDB_HTTP_BIND_ADDRESS="$setup" influxd &
  influxd=$!
  until curl -fsS -o /dev/null "http://$setup/ping" 2> /dev/null; do
    kill -0 "$influxd"
    sleep 0.2
  done
  # All of it may be done again: it was broken off, perhaps.
  ask << STATEMENTS
CREATE DATABASE "plimsoll" WITH DURATION 9600h NAME "minutes";
CREATE RETENTION POLICY "hourly" ON "plimsoll" DURATION INF REPLICATION 1;
CREATE USER "admin" WITH PASSWORD '$admin' WITH ALL PRIVILEGES;
CREATE USER "writer" WITH PASSWORD '$writer';
GRANT WRITE ON "plimsoll" TO "writer";
CREATE USER "grafana" WITH PASSWORD '$grafana';
GRANT READ ON "plimsoll" TO "grafana"
STATEMENTS
  kill "$influxd"
  wait "$influxd" || true
  touch "$made"
fi
exec influxd
