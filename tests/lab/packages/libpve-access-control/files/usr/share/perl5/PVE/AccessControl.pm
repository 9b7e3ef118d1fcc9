package PVE::AccessControl;

# The one function that programs outside of PVE call: a ticket for a user, signed with the cluster's key.

use strict;
use warnings;

my $code = 'import sys; sys.path.insert(0, "/usr/share/pve-standin"); '
    . 'from pve_standin.core.ticket import assemble_ticket; print(assemble_ticket(sys.argv[1]))';

sub assemble_ticket {
    my ($user) = @_;

    open(my $output, '-|', '/usr/bin/python3', '-I', '-c', $code, $user) or die "unable to sign ticket - $!\n";
    my $ticket = <$output>;
    close($output) or die "unable to sign ticket\n";
    chomp $ticket;
    return $ticket;
}

1;
