# $C's s6-notify-socket-from-fd tells $S's s6-socklog, which is at the socket in systemd's place.
mkfifo up
for options in '' '-f' '-t 100000' '-k'; do
  PATH=$S s6-socklog -d 3 -x sock 3>up >log & logger=$!
  read -r x <up
  NOTIFY_SOCKET=sock PATH=$C s6-notify-socket-from-fd -d 5 $options sh -c 'echo $$ >pid; echo "${NOTIFY_SOCKET-none}"; echo >&5; exec 5>&-; exec sleep 999' & pid=$!
  until grep -q BARRIER log; do sleep 0.01; done
  sed "s/=$pid\$/=pid/" log
  kill $pid $logger; wait $pid $logger; echo "[$?]"; rm -f sock
done
