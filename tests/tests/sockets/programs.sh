mkfifo ready up gone
A=client B=client D=client
export A B
(A= B=server; PATH=$S exec s6-ipcserver -1 sock s6-sudod sh -c 'echo "$* $A $B [$D]"; cat; exit 7' server) >ready & pid=$!
read x <ready
export D
echo input | PATH=$C s6-sudo sock a 'b c'; echo $?
echo input | PATH=$C s6-sudo -e sock; echo $?
kill $pid; wait $pid; echo $?
PATH=$S s6-ipcserver -1 sock s6-sudod >ready & pid=$!
read x <ready
PATH=$C s6-sudo sock sh -c 'kill -9 $$'; echo $?
PATH=$C s6-sudo sock sh -c 'exit 200'; echo $?
PATH=$C s6-sudo -T 50 sock sleep 3; echo $?
kill $pid; wait $pid; echo $?
