# Proxmox VE's own parser of storage.cfg: a text in a line in (a JSON list of one), what it reads of it in a line out,
# as {"ids": {storage: its properties, or null for a section that it takes for none}, "writable": it can write that}.
use strict;
use warnings;
use JSON;

# The parser alone is asked. What other parts of these modules need of Proxmox VE (the cluster file system, RADOS, the
# API) is left out: such a module is an empty one.
my $parser = qr{^PVE/(?:Cmd|Exception|File|JSONSchema|ParseUtils|SectionConfig|Syscall|Tools|UPID|Storage/\w+)\.pm$};
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

require PVE::Storage::Plugin;
for my $type (qw(Dir LVM LvmThin NFS CIFS ISCSI RBD CephFS ISCSIDirect ZFSPool ZFS PBS BTRFS ESXi)) {
    require "PVE/Storage/${type}Plugin.pm";
    "PVE::Storage::${type}Plugin"->register();
}
PVE::Storage::Plugin->init();

$| = 1;
my $json = JSON->new->canonical->ascii;
while (my $line = <STDIN>) {
    my ($text) = $json->decode($line)->@*;
    utf8::encode($text);
    local $SIG{__WARN__} = sub { };
    my $read = PVE::Storage::Plugin->parse_config('storage.cfg', $text);
    my $writable = eval { PVE::Storage::Plugin->write_config('storage.cfg', $read); 1 };
    my $found = PVE::Storage::Plugin->parse_config('storage.cfg', $text);
    print $json->encode({ ids => $found->{ids}, writable => $writable ? 1 : 0 }), "\n";
}
