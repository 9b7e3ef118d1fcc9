# Proxmox VE's own parser of storage.cfg. What it reads of a text: {"ids": {storage: its properties, or null for a section
# that it takes for none}, "writable": it can write that}.
require PVE::Storage::Plugin;
for my $type (qw(Dir LVM LvmThin NFS CIFS ISCSI RBD CephFS ISCSIDirect ZFSPool ZFS PBS BTRFS ESXi)) {
    require "PVE/Storage/${type}Plugin.pm";
    "PVE::Storage::${type}Plugin"->register();
}
PVE::Storage::Plugin->init();

answer(sub {
    my ($text) = @_;
    my $read = PVE::Storage::Plugin->parse_config('storage.cfg', $text);
    my $writable = eval { PVE::Storage::Plugin->write_config('storage.cfg', $read); 1 };
    my $found = PVE::Storage::Plugin->parse_config('storage.cfg', $text);
    return { ids => $found->{ids}, writable => $writable ? 1 : 0 };
});
