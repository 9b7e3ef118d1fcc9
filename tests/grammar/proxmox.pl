# What the parsers of Proxmox VE's files have in common here; the text of one of them follows.
use strict;
use warnings;
use JSON;

# The parser alone is asked. What other parts of these modules need of Proxmox VE (the cluster file system, RADOS, the
# API) is left out: such a module is an empty one.
my $parser = qr{^PVE/(?:Cmd|Exception|File|JSONSchema|ParseUtils|SectionConfig|Syscall|Tools|UPID|Storage/\w+
    |Job/Registry|ReplicationConfig|VZDump/(?:Common|JobBase)
    |HA/(?:HashTools|Tools|Resources|Resources/\w+|Rules|Rules/\w+))\.pm$}x;
unshift @INC, sub {
    my (undef, $file) = @_;
    return if $file !~ m{^PVE/} || $file =~ $parser;
    (my $package = $file) =~ s{/}{::}g;
    $package =~ s/\.pm$//;
    my $text = <<"END";
package $package;
our \$AUTOLOAD;
sub import {
    my (undef, \@names) = \@_;
    my \$into = caller;
    no strict 'refs';
    *{"\${into}::\$_"} = sub { return } for grep { /^\\w+\$/ } \@names;
}
sub AUTOLOAD { return }
1;
END
    return \$text;
};

# A text in a line in (a JSON list of one), what $read makes of it in a line out.
sub answer {
    my ($read) = @_;
    $| = 1;
    my $json = JSON->new->canonical->ascii;
    while (my $line = <STDIN>) {
        my ($text) = $json->decode($line)->@*;
        utf8::encode($text);
        local $SIG{__WARN__} = sub { };
        print $json->encode($read->($text)), "\n";
    }
}
