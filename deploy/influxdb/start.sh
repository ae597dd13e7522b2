#!/bin/sh
# Starts InfluxDB, and sees to it that the database, its policies and its two users are there: who writes cannot read, Grafana cannot write.
# Passwords are files in $SECRETS, of letters and digits. Nothing is changed that is there already.
set -eu
secrets=${SECRETS:-/run/secrets}
at=http://127.0.0.1:${PORT:-8086}
influxd "$@" &
running=$!
trap 'kill -TERM $running' TERM INT

password() { cat "$secrets/influxdb_$1_password"; }
# What it answers to a statement of the administrator; it says in the body what it did not do.
say() { curl -fsS -u "admin:$(password admin)" --data-urlencode "q=$1" "$at/query" | grep -v '"error"'; }

until curl -fsS -o /dev/null "$at/ping"; do
  kill -0 $running || exit 1
  sleep 1
done
# Of nobody this one may be made by anybody; once it is there, by nobody else.
curl -sS -o /dev/null --data-urlencode "q=CREATE USER \"admin\" WITH PASSWORD '$(password admin)' WITH ALL PRIVILEGES" "$at/query" || true
say 'CREATE DATABASE "plimsoll" WITH DURATION 9600h NAME "minutes"'
say 'CREATE RETENTION POLICY "hourly" ON "plimsoll" DURATION INF REPLICATION 1'
say "CREATE USER \"writer\" WITH PASSWORD '$(password writer)'"
say 'GRANT WRITE ON "plimsoll" TO "writer"'
say "CREATE USER \"grafana\" WITH PASSWORD '$(password grafana)'"
say 'GRANT READ ON "plimsoll" TO "grafana"'
wait $running
