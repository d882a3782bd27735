# Asks for the page and shows the answer.
use strict;
use warnings;
use IO::Socket::INET;

my $port = shift;
my $socket = IO::Socket::INET->new("127.0.0.1:$port")
    or die "unable to ask 127.0.0.1:$port: $!\n";
print $socket "GET / HTTP/1.0\r\n\r\n";
print while <$socket>;
