# Proxmox VE's own parsers of ha/resources.cfg and ha/rules.cfg: a text in a line in (a JSON list of one), what they read
# of it in a line out, as {"resources": {sid: its properties}, "rules": {name: its properties, or null for none}}.
use strict;
use warnings;
use JSON;

# The parser alone is asked. What other parts of these modules need of Proxmox VE (the cluster file system, RADOS, the
# API) is left out: such a module is an empty one.
my $parser = qr{^PVE/(?:Cmd|Exception|File|JSONSchema|ParseUtils|SectionConfig|Syscall|Tools|UPID
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

require PVE::HA::Resources;
require PVE::HA::Rules;
for my $class (qw(Resources::PVEVM Resources::PVECT Rules::NodeAffinity Rules::ResourceAffinity)) {
    (my $file = "PVE/HA/$class.pm") =~ s{::}{/}g;
    require $file;
    "PVE::HA::$class"->register();
}
PVE::HA::Resources->init();
PVE::HA::Rules->init(property_isolation => 1);

$| = 1;
my $json = JSON->new->canonical->ascii;
while (my $line = <STDIN>) {
    my ($text) = $json->decode($line)->@*;
    utf8::encode($text);
    local $SIG{__WARN__} = sub { };
    my %read = map { lc($_) => "PVE::HA::$_"->parse_config(lc($_), $text)->{ids} } qw(Resources Rules);
    print $json->encode(\%read), "\n";
}
