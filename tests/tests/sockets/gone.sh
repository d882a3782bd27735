mkfifo ready up gone
PATH=$S s6-ipcserver -1 sock s6-sudod >ready & pid=$!
read x <ready
for i in 1 2 3 4 5 6 7 8; do
PATH=$C s6-sudo sock sh -c 'trap "echo term >gone; exit" TERM; echo >up; while :; do sleep 0.01; done' & client=$!
read x <up; kill $client
read x <gone; echo $x
done
kill $pid; wait $pid; echo $?
