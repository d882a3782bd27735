# Services under $S's s6-svscan that $C's tools tell the readiness of, and the scripts that $C's makers write.
umask 022
client() { (PATH=$C; command -v "$1"); }
service() { mkdir -p "$1"; printf '#!/bin/sh\n%s\n' "$2" >"$1/run"; chmod +x "$1/run"; echo 5 >"$1/notification-fd"; }
check() { mkdir -p "$1/data"; printf '#!/bin/sh\n%s\n' "$2" >"$1/data/check"; chmod +x "$1/data/check"; }
asks=$(client s6-notifyoncheck)
open='for fd in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && printf " $fd"; done'
service scan/asked "exec $asks -w 10 -n 0 sh -c '$open >../../open; exec sleep 999'"
check scan/asked 'echo "$PWD" | sed "s:.*/::" >>../../asked; test -e ../../go'
service scan/line "exec $asks -3 5 -s 0 -c 'sh -c \"exit 0\"' sleep 999"
service scan/double "exec $asks -d -s 0 -w 10 -n 0 sh -c 'while :; do read -r x </proc/self/stat; sleep 0.01; done'"
check scan/double 'test -e ../../go'
service scan/late "exec $asks -s 0 -w 10 -n 0 -T 50 sh -c 'exec sleep 999'"
check scan/late 'exit 1'
service scan/dies "exec $asks -s 0 -w 10 -n 0 sh -c 'sleep 0.1; exit 3'"
check scan/dies 'exit 1'; touch scan/dies/down
PATH=$S s6-svscan scan 2>/dev/null & pid=$!
PATH=$C
for s in asked line double late dies; do
  until s6-svstat scan/$s >/dev/null 2>&1; do sleep 0.01; done
done
t() { echo "$*"; "$@"; echo "[$?]"; }
t s6-svwait -u -t 60000 scan/asked
t s6-svwait -U -t 60000 scan/line
until [ -s asked ]; do sleep 0.01; done
s6-svstat -o up,ready scan/asked
touch go
t s6-svwait -U -t 60000 scan/asked
t s6-svwait -U -t 60000 scan/double
sort -u asked; cat open; echo
t s6-svc -wu -T 60000 -o scan/dies
t s6-svwait -D -t 60000 scan/dies
s6-svstat -o up,ready,exitcode,signal scan/dies
# Restarted, it is asked again.
rm go; t s6-svc -wr -T 60000 -r scan/asked
s6-svstat -o up,ready scan/asked; touch go
t s6-svwait -U -t 60000 scan/asked
t s6-svwait -U -t 200 scan/late
s6-svstat -o up,ready scan/late
t s6-svscanctl -t scan; wait $pid; echo "[$?]"
