# A user's own tree and its logger, written by $C's maker, under $S's s6-svscan. The tree is $S's, too.
umask 022
t() { echo "$*"; "$@"; echo "[$?]"; }
[ "$(id -u)" = 0 ] || exit 0
mkdir -p scan mine/a env outer logs; echo value >env/A; echo 'two words' >env/B
printf '#!/bin/sh\nexec >>../../seen 2>&1\necho $USER $HOME [$UID] [$GID] $A [$B] [$X]\nexec sleep 999\n' >mine/a/run
chmod +x mine/a/run
X=never; export X
(PATH=$C; s6-usertree-maker -d "$PWD/mine" -p "$S" -E "$PWD/env" -e A -t 0 -P p: root "$PWD/logs" scan/tree); echo "[$?]"
(PATH=$C; s6-usertree-maker root "$PWD/logs" scan/tree 2>/dev/null); echo "[$?]"
PATH=$S:/usr/lib/execline/bin s6-svscan scan 2>/dev/null & pid=$!
PATH=$C
for s in tree tree/log; do until s6-svstat scan/$s >/dev/null 2>&1; do sleep 0.01; done; done
t s6-svwait -U -a -t 60000 scan/tree scan/tree/log
until s6-svstat mine/a >/dev/null 2>&1; do sleep 0.01; done
t s6-svwait -u -t 60000 mine/a
until [ -s seen ]; do sleep 0.01; done; cat seen
mkdir mine/bad
s6-svscanctl -a mine
until grep -q bad logs/current; do sleep 0.01; done; sed -n 's/^p: *.*bad.*/prefixed/p' logs/current | head -n 1
t s6-svc -wr -T 60000 -r scan/tree
t s6-svwait -u -t 60000 mine/a
t s6-svc -wD -T 60000 -d scan/tree
s6-svok mine/a; echo "[$?]"
s6-svscanctl -t scan; wait $pid; echo "[$?]"
