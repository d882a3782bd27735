# Calls by address, in the assembler text of the x86_64 program.
#
# A call holds how far away the function is, so each call of the same function is another number,
# and a compressor finds none of them again. Here the address goes into a register first: two
# bytes more in the file, and the same bytes at each call. What runs between a start and its exec
# keeps its calls as they are. A function that takes any number of arguments is told in this very
# register how many are floats, so only Rust's own are called so, and those of C that are named.

BEGIN {
	# Callers that stay as they are: what runs between a start and the exec of most scripts.
	chain = "^main$|^_ZN4init(4main|5index)|sys[.][.]alloc|rust_(re|de)?alloc"
	chain = chain "|^_ZN3sys(5alloc|5start|2fd|2fs|7process|5spawn|5share|5moved|7lasting|5apart)"
	chain = chain "|^_ZN11interpreter(3arg|3env|4args|5chain|5child|5image|5index|5start|6launch|7resolve)"
	chain = chain "|^_ZN11interpreter(4word|6syntax)|[(<_]interpreter[.][.](arg|env|args|image|resolve)"
	chain = chain "|^_ZN15stdlib_commands(7options|8execline(12substitution|5block|6export|8unexport|2cd))"
	chain = chain "|^_ZN15stdlib_commands8execline(10foreground|3if_|5umask|4exec|8redirfd|7fdclose|6fdmove)"
	chain = chain "|stdlib_commands[.][.]execline[.][.]substitution|raw_vec|c_str|memchr"
}

/^[A-Za-z_$][^ \t]*:/ {
	name = $1
	sub(/:.*/, "", name)
	stays = name ~ chain
}

$1 == "callq" && !stays {
	callee = $2
	sub(/^[*]/, "", callee)
	sub(/@GOTPCREL.*/, "", callee)
	if (callee ~ /^(_ZN|_R|mem(cpy|move|set|cmp)$|bcmp$|__u?divti3$)/) {
		print "\tmovl\t$" callee ", %eax"
		print "\tcallq\t*%rax"
		next
	}
}

{ print }
