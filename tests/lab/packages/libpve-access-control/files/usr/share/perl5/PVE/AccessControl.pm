package PVE::AccessControl;

# What programs outside of PVE call: a ticket for a user, signed with the cluster's key, and the token that has to come
# with it in a request to change something.

use strict;
use warnings;

my $code = 'import sys; sys.path.insert(0, "/usr/share/pve-standin"); '
    . 'from pve_standin.core import ticket; print(getattr(ticket, sys.argv[1])(sys.argv[2]))';

sub ask {
    my ($function, $user) = @_;

    open(my $output, '-|', '/usr/bin/python3', '-I', '-c', $code, $function, $user) or die "unable to sign ticket - $!\n";
    my $answer = <$output>;
    close($output) or die "unable to sign ticket\n";
    chomp $answer;
    return $answer;
}

sub assemble_ticket {
    my ($user) = @_;

    return ask('assemble_ticket', $user);
}

sub assemble_csrf_prevention_token {
    my ($user) = @_;

    return ask('assemble_csrf', $user);
}

1;
