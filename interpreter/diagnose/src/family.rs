//! The commands of the packages beside execline, all of whose commands chainit has.

/// A package, and the names of its commands.
const PACKAGES: &[(&str, &str)] = &[
    (
        "s6",
        "s6-accessrules-cdb-from-fs s6-accessrules-fs-from-cdb s6-applyuidgid s6-background-watch \
         s6-cleanfifodir s6-connlimit s6-envdir s6-envuidgid s6-fdholder-daemon s6-fdholder-delete \
         s6-fdholder-getdump s6-fdholder-list s6-fdholder-retrieve s6-fdholder-setdump \
         s6-fdholder-store s6-fdholder-transferdump s6-fdholderd s6-fghack s6-ftrig-listen \
         s6-ftrig-listen1 s6-ftrig-notify s6-ftrig-wait s6-ftrigrd s6-instance-control \
         s6-instance-create s6-instance-delete s6-instance-list s6-instance-maker \
         s6-instance-status s6-ioconnect s6-ipcclient s6-ipcserver s6-ipcserver-access \
         s6-ipcserver-socketbinder s6-ipcserverd s6-log s6-mkfifodir s6-notify-fd-from-socket \
         s6-notify-socket-from-fd s6-notifyoncheck s6-permafailon s6-setlock s6-setsid s6-setuidgid \
         s6-socklog s6-softlimit s6-sudo s6-sudoc s6-sudod s6-supervise s6-svc s6-svdt \
         s6-svdt-clear s6-svlink s6-svlisten s6-svlisten1 s6-svok s6-svperms s6-svscan s6-svscanboot \
         s6-svscanctl s6-svstat s6-svunlink s6-svwait s6-tai64n s6-tai64nlocal s6-usertree-maker \
         ucspilogd",
    ),
    (
        "s6-rc",
        "s6-rc s6-rc-bundle s6-rc-bundle-update s6-rc-compile s6-rc-db s6-rc-dryrun \
         s6-rc-fdholder-filler s6-rc-format-upgrade s6-rc-init s6-rc-oneshot-run s6-rc-repo-init \
         s6-rc-repo-list s6-rc-repo-sync s6-rc-set-change s6-rc-set-commit s6-rc-set-copy \
         s6-rc-set-delete s6-rc-set-fix s6-rc-set-install s6-rc-set-new s6-rc-set-status \
         s6-rc-update",
    ),
    (
        "s6-linux-init",
        "s6-linux-init s6-linux-init-echo s6-linux-init-hpr s6-linux-init-logouthookd \
         s6-linux-init-maker s6-linux-init-nuke s6-linux-init-shutdown s6-linux-init-shutdownd \
         s6-linux-init-telinit s6-linux-init-umountall",
    ),
    (
        "s6-portable-utils",
        "s6-basename s6-cat s6-chmod s6-chown s6-clock s6-cut s6-dirname s6-dumpenv s6-echo s6-env \
         s6-expr s6-false s6-format-filter s6-grep s6-head s6-hiercopy s6-linkname s6-ln s6-ls \
         s6-maximumtime s6-mkdir s6-mkfifo s6-nice s6-nuke s6-pause s6-printenv s6-quote \
         s6-quote-filter s6-rename s6-rmrf s6-seq s6-sleep s6-sort s6-sync s6-tai64ndiff s6-tail \
         s6-test s6-touch s6-true s6-uniquename s6-unquote s6-unquote-filter s6-update-symlinks \
         seekablepipe",
    ),
    (
        "s6-linux-utils",
        "fstab2s6rc rngseed s6-chroot s6-devd s6-freeramdisk s6-halt s6-hostname s6-logwatch \
         s6-mount s6-pivotchroot s6-poweroff s6-ps s6-reboot s6-swapoff s6-swapon s6-uevent-listener \
         s6-uevent-spawner s6-umount",
    ),
    (
        "s6-dns",
        "s6-dns-hosts-compile s6-dnsip4 s6-dnsip4-filter s6-dnsip6 s6-dnsip6-filter s6-dnsmx \
         s6-dnsname s6-dnsname-filter s6-dnsns s6-dnsq s6-dnsqr s6-dnsqualify s6-dnsresolve \
         s6-dnssoa s6-dnssrv s6-dnstxt s6-randomip skadnsd",
    ),
    (
        "s6-networking",
        "proxy-server s6-clockadd s6-clockview s6-getservbyname s6-ident-client s6-sntpclock \
         s6-taiclock s6-taiclockd s6-tcpclient s6-tcpserver s6-tcpserver-access \
         s6-tcpserver-socketbinder s6-tcpserver4 s6-tcpserver4-socketbinder s6-tcpserver4d \
         s6-tcpserver6 s6-tcpserver6-socketbinder s6-tcpserver6d s6-tcpserverd s6-tlsc s6-tlsc-io \
         s6-tlsclient s6-tlsd s6-tlsd-io s6-tlsserver s6-ucspitlsc s6-ucspitlsd",
    ),
    (
        "s6-overlay",
        "fix-attrs justc-envdir logutil-newfifo logutil-service printcontenv \
                    s6-overlay-stat s6-overlay-suexec with-contenv with-retries",
    ),
];

/// The package in which there is a command of that name.
pub fn package_of(name: &[u8]) -> Option<&'static str> {
    let has = |names: &str| names.split_ascii_whitespace().any(|n| n.as_bytes() == name);
    PACKAGES.iter().find(|(_, names)| has(names)).map(|(package, _)| *package)
}

#[cfg(test)]
mod tests {
    use super::package_of;

    #[test]
    fn a_command_is_found_in_its_package() {
        for (name, package) in [
            ("s6-svlink", Some("s6")),
            ("s6-rc", Some("s6-rc")),
            ("s6-tlsclient", Some("s6-networking")),
            ("s6-dnsip4", Some("s6-dns")),
            ("s6-", None),
            ("", None),
            ("nginx", None),
        ] {
            assert_eq!(package_of(name.as_bytes()), package, "{name}");
        }
    }
}
