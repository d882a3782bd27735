# A tree that logs itself, as $C's s6-svscanboot makes it for $S's s6-svscan.
umask 022
t() { echo "$*"; "$@"; echo "[$?]"; }
boot=$(PATH=$C; command -v s6-svscanboot)
start() { PATH=$S:/usr/lib/execline/bin $boot -d 4 "$@" tree/scan 2>console 4>ready & pid=$!; read x <ready; }
mkfifo ready
start -D "$PWD/logs" -m 755 -o 'p: t'
PATH=$C
ls tree/scan; ls -ld logs | cut -c1-10
t s6-svwait -U -t 60000 tree/scan/s6-svscan-log
mkdir -p tree/scan/bad tree/scan/good
printf '#!/bin/sh\necho out; echo err >&2; exec sleep 999\n' >tree/scan/good/run; chmod +x tree/scan/good/run
t s6-svscanctl -a tree/scan
until grep -q bad logs/current && grep -q err logs/current; do sleep 0.01; done
sed -n 's/^@[0-9a-f]* \(: out\|: err\)/\1/p' logs/current
# The logger begins anew, and nothing is lost.
t s6-svc -wU -T 60000 -r tree/scan/s6-svscan-log
s6-svc -k tree/scan/s6-svscan-log
printf '#!/bin/sh\necho later; exec sleep 999\n' >tree/scan/good/run
t s6-svc -wr -T 60000 -r tree/scan/good
until grep -q later logs/current; do sleep 0.01; done
# SIGTERM brings all down, the logger last.
kill $pid; wait $pid; echo "[$?]"
for s in good bad s6-svscan-log; do s6-svok tree/scan/$s; echo "[$?]"; done
# Another start, over what is left.
touch tree/scan/s6-svscan-log/left
start -D "$PWD/logs" -t 50
PATH=$C; ls tree/scan/s6-svscan-log/left 2>/dev/null; ls -ld logs | cut -c1-10
mkdir self; printf "#!/bin/sh\nexec sleep 999\n" >self/run; chmod +x self/run; mv self tree/scan
until s6-svstat tree/scan/self >/dev/null 2>&1; do sleep 0.01; done
t s6-svwait -u -t 60000 tree/scan/self
t s6-svscanctl -t tree/scan; wait $pid; echo "[$?]"
cat console
