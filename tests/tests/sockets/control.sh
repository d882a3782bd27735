# A scan directory under $S's s6-svscan, and every tool of $C's that asks it or tells it something.
# What is a number of this run's own is left out.
umask 022
service() { mkdir -p "$1"; printf '#!/bin/sh\n%s\n' "$2" >"$1/run"; chmod +x "$1/run"; }
finish() { printf '#!/bin/sh\n%s\n' "$2" >"$1/finish"; chmod +x "$1/finish"; }
service scan/up 'exec sleep 999'
service scan/ready 'echo >&4; trap "exit 3" USR2; while :; do sleep 0.02; done'
echo 4 >scan/ready/notification-fd; echo USR2 >scan/ready/down-signal
service scan/failing 'exit 1'
finish scan/failing 'exec s6-permafailon 60 1 1 true'
service scan/kept 'exec sleep 999'; touch scan/kept/down
service scan/logged 'echo a line; exec sleep 999'
service scan/logged/log 'exec s6-log -d3 -b n5 ../../../logs'; echo 3 >scan/logged/log/notification-fd
service later 'exec sleep 999'
fields=up,wantedup,normallyup,ready,paused,exitcode,signal,signum
PATH=$S s6-svscan scan 2>/dev/null & pid=$!
PATH=$C
# The real one has a lock before it has a status, and its tools can't wait for that.
for s in up ready failing kept logged logged/log; do
  until s6-svstat scan/$s >/dev/null 2>&1; do sleep 0.01; done
done
t() { echo "$*"; "$@"; echo "[$?]"; }
stat() { for s; do echo "$s: $(s6-svstat -o $fields scan/$s)"; done; }
echo == waiting
t s6-svwait -U -t 60000 scan/ready
t s6-svwait -u -a -t 60000 scan/up scan/ready scan/logged
t s6-svwait -U -o -t 60000 scan/ready scan/kept
t s6-svwait -d -t 20 scan/up 2>/dev/null
t s6-svwait -D -t 60000 scan/failing
t s6-svlisten -u -t 60000 ' scan/kept' '' s6-svc -u scan/kept
t s6-svlisten1 -u -t 60000 scan/failing s6-svc -u scan/failing
t s6-svlisten -a -D -t 60000 ' scan/up' ' scan/kept' '' sh -c 's6-svc -d scan/up; s6-svc -d scan/kept'
t s6-svlisten1 -u scan/up s6-svc -u scan/up
t s6-svlisten1 -t 20 -d scan/up true 2>/dev/null
stat up ready failing kept logged
echo == signals
for letter in a b h k t 1 2; do
  t s6-svc -wr -T 60000 -u$letter scan/up
  s6-svstat -o exitcode,signal scan/up
done
t s6-svc -wR -T 60000 -r scan/ready
s6-svc -p scan/up; until [ "$(s6-svstat -o paused scan/up)" = true ]; do sleep 0.01; done
s6-svc -c scan/up; until [ "$(s6-svstat -o paused scan/up)" = false ]; do sleep 0.01; done
t s6-svc -wD -T 60000 -o1 scan/up
t s6-svc -wu -T 60000 -o scan/up
t s6-svc -wD -T 60000 -k scan/up
stat up
t s6-svc -wu -T 60000 -U scan/kept; ls scan/kept/down 2>/dev/null
t s6-svc -wD -T 60000 -D scan/kept; ls scan/kept/down
t s6-svc -wu -T 60000 -u scan/kept
s6-svc -O scan/kept; until [ "$(s6-svstat -o wantedup scan/kept)" = false ]; do sleep 0.01; done
stat kept
s6-svc -u scan/kept; s6-svc -Q scan/kept
echo == deaths
# A signal of two names is called by the other one in a program made with musl.
s6-svdt scan/up | sed 's/^@[0-9a-f]* //; s/SIGIOT/SIGABRT/' | sort | uniq -c
t s6-svdt-clear scan/up
s6-svdt scan/up
(cd scan/up && t s6-permafailon 60 1 SIGKILL,3 true)
echo == permissions
modes() { ls -ld scan/up/event scan/up/supervise scan/up/supervise/control scan/up/supervise/status | cut -c1-10; }
for how in '' '-G :0 -E :0' '-o -e' '-u' '-g :0'; do t s6-svperms $how scan/up; modes; done
stat up
echo == links
t s6-svlink -t 60000 scan later
t s6-svok scan/later
t s6-svwait -u -t 60000 scan/later
stat later
t s6-svunlink -t 60000 scan later
ls -d scan/later later/supervise/status 2>/dev/null
echo == events
s6-mkfifodir e; ls -ld e | cut -c1-10
s6-ftrig-wait -t 60000 e 'a+b' >heard & wait=$!
until [ -n "$(ls -A e)" ]; do sleep 0.01; done
sleep 0.05; s6-ftrig-notify e aab; wait $wait; echo "[$?]"
s6-ftrig-listen1 -t 60000 e 'x' s6-ftrig-notify e x >heard; echo "[$?]"
s6-ftrig-listen -a -t 60000 ' e' ' a' ' e' ' b' '' s6-ftrig-notify e ba; echo "[$?]"
mkfifo e/ftrig1:@4000000000000000000000000:0; s6-cleanfifodir e; ls -A e
s6-ftrig-listen1 -t 60000 scan/up/event u s6-svc -u scan/up >heard; echo "[$?]"
echo == the tree
service scan/another 'exec sleep 999'
t s6-svscanctl -a scan; until s6-svstat scan/another >/dev/null 2>&1; do sleep 0.01; done
t s6-svwait -u -t 60000 scan/another
mv scan/another gone; t s6-svscanctl -an scan; while s6-svok gone; do sleep 0.01; done
t s6-svscanctl -z scan
s6-svc -x scan/another 2>/dev/null; echo "[$?]"
t s6-svstat nothing 2>/dev/null
t s6-svwait -u -t 20 nothing 2>/dev/null
t s6-svscanctl -t scan; wait $pid; echo "[$?]"
for s in up ready logged logged/log; do s6-svok scan/$s; echo "[$?]"; done
sed 's/^@[0-9a-f]* //' logs/current
