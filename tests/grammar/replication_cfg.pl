# Proxmox VE's own parser of replication.cfg. What it reads of a text: {id: the job's properties}; null where it ends in
# an error, and nothing of the file is read.
require PVE::JSONSchema;
PVE::JSONSchema::register_format('pve-calendar-event', sub { return $_[0] });
require PVE::ReplicationConfig;

answer(sub {
    my ($text) = @_;
    my $read = eval { PVE::ReplicationConfig->parse_config('replication.cfg', $text)->{ids} };
    return $read;
});
