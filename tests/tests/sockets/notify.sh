# Below $S's s6-svscan a service that tells its readiness to a socket, behind $C's tool that hands it on.
umask 022
hands=$(PATH=$C; command -v s6-notify-fd-from-socket) says=$(PATH=$C; command -v s6-notify-socket-from-fd)
mkdir -p scan/a scan/never
printf '#!/bin/sh\nexec %s %s -k -d 4 sh -c "until [ -e ../../go ]; do sleep 0.01; done; echo >&4; exec sleep 999"\n' $hands $says >scan/a/run
printf '#!/bin/sh\nexec %s -t 20 %s -d 4 sh -c "exec sleep 999"\n' $hands $says >scan/never/run
chmod +x scan/*/run; echo 7 >scan/a/notification-fd; echo 7 >scan/never/notification-fd
PATH=$S s6-svscan scan 2>/dev/null & pid=$!
PATH=$C
for s in a never; do until s6-svstat scan/$s >/dev/null 2>&1; do sleep 0.01; done; done
s6-svwait -u -t 60000 scan/a; s6-svstat -o up,ready scan/a
touch go; s6-svwait -U -t 60000 scan/a; s6-svstat -o up,ready scan/a
s6-svc -wR -T 60000 -r scan/a; echo "[$?]"; s6-svstat -o up,ready scan/a
s6-svstat -o up,ready scan/never
s6-svscanctl -t scan; wait $pid; echo "[$?]"
