# An instanced service under $S's s6-svscan, as $S's maker writes it (its run script calls that), and
# its instances under $C's tools.
mkdir -p t scan
printf '#!/bin/sh\necho >&3\nexec sleep 999\n' >t/run; chmod +x t/run; echo 3 >t/notification-fd
printf '#!/bin/sh\necho "$3 $1 $2" >>../../../../ends\n' >t/finish; chmod +x t/finish
PATH=$S s6-instance-maker -c 20 t scan/many; echo "[$?]"
PATH=$S s6-svscan scan 2>/dev/null & pid=$!
PATH=$C
until s6-svstat scan/many >/dev/null 2>&1; do sleep 0.01; done
t() { echo "$*"; "$@"; echo "[$?]"; }
t s6-svwait -U -t 60000 scan/many
t s6-instance-list scan/many
t s6-instance-create -t 60000 scan/many one
t s6-instance-create -t 60000 scan/many two
t s6-instance-create -d -t 60000 scan/many three
t s6-instance-create -t 60000 scan/many one 2>/dev/null
s6-instance-list scan/many | sort
t s6-svwait -U -t 60000 scan/many/instance/one
t s6-instance-status -o up,wantedup,ready,normallyup scan/many one
t s6-instance-status -o up,wantedup,normallyup scan/many three
t s6-instance-status -o up scan/many none 2>/dev/null
t s6-instance-control -wD -T 60000 -d scan/many two
t s6-instance-status -o up scan/many two
t s6-instance-control -wU -T 60000 -u scan/many three
t s6-instance-control -u scan/many none 2>/dev/null
t s6-instance-delete -t 60000 scan/many two
t s6-instance-delete -t 60000 scan/many three
t s6-instance-delete -t 60000 scan/many none 2>/dev/null
s6-instance-list scan/many | sort
ls scan/many/instances scan/many/instance
t s6-svc -wD -T 60000 -d scan/many
s6-svscanctl -t scan; wait $pid; echo "[$?]"
sort ends
