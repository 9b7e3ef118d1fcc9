# Proxmox VE's own parser of jobs.cfg, with the one type of jobs that has nodes. What it reads of a text: {id: the job's
# properties, or null for none}. When a schedule is right is not asked: the parser of that is a library of its own.
require PVE::JSONSchema;
PVE::JSONSchema::register_format('pve-calendar-event', sub { return $_[0] });
require PVE::Storage::Plugin;
require PVE::VZDump::JobBase;
PVE::VZDump::JobBase->register();
PVE::Job::Registry->init();

answer(sub {
    my ($text) = @_;
    return PVE::Job::Registry->parse_config('jobs.cfg', $text)->{ids};
});
