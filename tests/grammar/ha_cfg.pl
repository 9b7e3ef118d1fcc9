# Proxmox VE's own parsers of ha/resources.cfg and ha/rules.cfg. What they read of a text: {"resources": {sid: its
# properties}, "rules": {name: its properties, or null for none}}.
require PVE::HA::Resources;
require PVE::HA::Rules;
for my $class (qw(Resources::PVEVM Resources::PVECT Rules::NodeAffinity Rules::ResourceAffinity)) {
    (my $file = "PVE/HA/$class.pm") =~ s{::}{/}g;
    require $file;
    "PVE::HA::$class"->register();
}
PVE::HA::Resources->init();
PVE::HA::Rules->init(property_isolation => 1);

answer(sub {
    my ($text) = @_;
    return { map { lc($_) => "PVE::HA::$_"->parse_config(lc($_), $text)->{ids} } qw(Resources Rules) };
});
