mkfifo ready
PATH=$S s6-ipcserver -1 sock sh -c 'echo "$PROTO $IPCREMOTEEUID [$IPCREMOTEPATH]"; exec cat' >ready & pid=$!
read x <ready
PATH=$C s6-ipcclient -p mine sock sh -c 'read x <&6; echo "$x $IPCLOCALPATH"; echo bye >&7; read x <&6; echo "$x"'
head -c 200000 /dev/zero | PATH=$C s6-ipcclient sock sh -c 's6-ioconnect | wc -c'
mkdir -p rules/uid/7/env rules/gid/8 rules/uid/default
touch rules/uid/7/allow rules/gid/8/deny rules/uid/default/allow
echo 1 >rules/uid/7/env/SEVEN
PATH=$S s6-accessrules-cdb-from-fs db rules
for id in 7:7 6:8 5:5; do
  PROTO=IPC IPCREMOTEEUID=${id%:*} IPCREMOTEEGID=${id#*:} PATH=$C s6-ipcserver-access -v0 -l x -x db sh -c 'echo "$SEVEN"'
  echo "$id $?"
done
PATH=$C s6-accessrules-fs-from-cdb back db
find back | sort
kill $pid; wait $pid; echo $?
