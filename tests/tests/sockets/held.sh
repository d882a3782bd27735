mkdir -p r/uid/default/env
touch r/uid/default/allow
for x in STORE_REGEX RETRIEVE_REGEX; do echo '^[a-y]' >r/uid/default/env/S6_FDHOLDER_$x; done
for x in LIST GETDUMP SETDUMP; do echo >r/uid/default/env/S6_FDHOLDER_$x; done
PATH=$S s6-accessrules-cdb-from-fs db r
mkfifo ready.one ready.two
PATH=$S s6-fdholder-daemon -1 -i r one >ready.one & one=$!
read x <ready.one
PATH=$C s6-fdholder-daemon -1 -x db two >ready.two & two=$!
read x <ready.two
echo hello >file
PATH=$C
s6-fdholder-store one a <file; echo $?
s6-fdholder-store one a <file; echo $?
s6-fdholder-store one z <file; echo $?
s6-fdholder-store -T 1000000 one 'b
c' <file
i=0
while [ $i -lt 100 ]; do s6-fdholder-store one n$i; i=$((i + 1)); done
s6-fdholder-delete one n5; echo $?
s6-fdholder-delete one n5; echo $?
s6-fdholder-list one
s6-fdholder-transferdump one two; echo $?
s6-fdholder-getdump two s6-fdholder-setdump one; echo $?
s6-fdholder-list one | wc -l
s6-fdholder-list two | wc -l
s6-fdholder-retrieve -D two a cat
s6-fdholder-retrieve two a cat; echo $?
s6-fdholder-retrieve two z cat; echo $?
kill $one $two; wait $one; echo $?; wait $two; echo $?
