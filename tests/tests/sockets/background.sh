# Daemons that go into the background, watched by $C's s6-background-watch below $S's s6-svscan.
umask 022
watch=$(PATH=$C; command -v s6-background-watch)
service() { mkdir -p "$1"; printf '#!/bin/sh\n%s\n' "$2" >"$1/run"; chmod +x "$1/run"; echo 3 >"$1/notification-fd"
  printf '#!/bin/sh\necho "$1 $2" >>../../%s.ends\n' "${1#*/}" >"$1/finish"; chmod +x "$1/finish"; }
cat >forks <<'X'
#!/bin/sh
rm -f armed; mkfifo armed
sh -c 'trap "exit 5" USR1; trap "exit 6" TERM; trap "echo hup >>hups" HUP; echo >armed; while :; do sleep 0.01; done' >/dev/null 2>&1 &
echo $! >pid
read -r x <armed
X
chmod +x forks
service scan/a "exec $watch -d 3 pid ../../forks"
service scan/fails "touch pid; exec $watch -d 3 pid sh -c 'exit 9'"; touch scan/fails/down
service scan/none "exec $watch -d 3 pid true"; touch scan/none/down
service scan/slow "exec $watch -d 3 -t 20 pid sleep 999"; touch scan/slow/down
PATH=$S s6-svscan scan 2>/dev/null & pid=$!
PATH=$C
for s in a fails none slow; do until s6-svstat scan/$s >/dev/null 2>&1; do sleep 0.01; done; done
t() { echo "$*"; "$@"; echo "[$?]"; }
t s6-svwait -U -t 60000 scan/a
s6-svc -h scan/a; until [ -s scan/a/hups ]; do sleep 0.01; done; cat scan/a/hups
t s6-svc -wR -T 60000 -1 scan/a
t s6-svc -wR -T 60000 -r scan/a
kill -9 $(cat scan/a/pid); t s6-svwait -D -t 60000 scan/none
until [ $(wc -l <a.ends) = 3 ]; do sleep 0.01; done; cat a.ends
t s6-svwait -U -t 60000 scan/a
t s6-svc -wD -T 60000 -d scan/a
s6-svstat -o up,ready,exitcode,signal scan/a; tail -n 1 a.ends
for s in fails none slow; do
  t s6-svc -wu -T 60000 -o scan/$s; t s6-svwait -D -t 60000 scan/$s
  s6-svstat -o up,exitcode,signal scan/$s; cat $s.ends; ls scan/$s/pid
done 2>/dev/null
t s6-svscanctl -t scan; wait $pid; echo "[$?]"
