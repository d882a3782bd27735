# A web server for one page, of what every Debian machine has.
use strict;
use warnings;
use IO::Socket::INET;

my $port = shift;
my $socket = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 16, ReuseAddr => 1,
) or die "unable to listen on 127.0.0.1:$port: $!; WEB_PORT chooses another port\n";

$| = 1;
$SIG{TERM} = sub { print "told to stop\n"; exit 0 };
print "ready on 127.0.0.1:$port\n";
if (open my $notify, '>&=', 3) {
    print $notify "\n";
    close $notify;
}

while (1) {
    my $client = $socket->accept or next;
    my $request = <$client> // next;
    while (my $header = <$client>) {
        last if $header =~ /^\r?$/;
    }
    $request =~ s/\s+$//;
    print "$request\n";
    my $time = 'not known yet';
    if (open my $file, '<', '/run/web/time') {
        chomp($time = <$file> // $time);
    }
    print $client "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n",
        "Hello from process $$ of the container. By its clock the time is $time.\n";
}
