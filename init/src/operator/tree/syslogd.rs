//! The services that take what programs tell syslog: a tarball of its own, because few images
//! need them.
//!
//! Two users whom nobody else is, by name if the image has them, else by numbers: the one that
//! reads the socket and the one that writes the logs. Where they stand and what they are called
//! is known to scripts and to people; so are the directories of logs.

/// Directories of the part, those above others first.
pub const DIRS: &[&str] = &[
    "etc/s6-overlay",
    "etc/s6-overlay/s6-rc.d",
    "etc/s6-overlay/s6-rc.d/syslogd",
    "etc/s6-overlay/s6-rc.d/syslogd-bundle",
    "etc/s6-overlay/s6-rc.d/syslogd-bundle/contents.d",
    "etc/s6-overlay/s6-rc.d/syslogd-log",
    "etc/s6-overlay/s6-rc.d/syslogd-log/dependencies.d",
    "etc/s6-overlay/s6-rc.d/syslogd-prepare",
    "etc/s6-overlay/s6-rc.d/syslogd-prepare/dependencies.d",
    "etc/s6-overlay/s6-rc.d/syslogd/dependencies.d",
    "etc/s6-overlay/user-bundles.d",
    "etc/s6-overlay/user-bundles.d/user",
    "etc/s6-overlay/user-bundles.d/user/contents.d",
];

macro_rules! service {
    ($path:literal) => {
        concat!("etc/s6-overlay/s6-rc.d/", $path)
    };
}

const SOCKET: &str = "#!/command/execlineb -P\n\
    # Binds /dev/log as root, then reads it as nobody else. Told to end, it still takes what was sent.\n\
    s6-envuidgid -D 32760:32760: -- syslog\n\
    s6-socklog -d 3 -U -t 3000\n";

const LOGS: &str = r#"#!/command/execlineb -P
# By facility, and by severity. What S6_LOGGING_SCRIPT says of rotation and timestamps holds for each.
s6-envuidgid -D 32761:32761: -- sysllog
s6-applyuidgid -U
backtick -D "n20 s1000000" SCRIPT { printcontenv S6_LOGGING_SCRIPT }
multisubstitute
{
  importas -uCs how SCRIPT
  define to /var/log/syslogd
}
exec -c
s6-log -d 3 --
  - "+^auth(priv)?\\." $how ${to}/secure
  - "+^cron\\." $how ${to}/cron
  - "+^daemon\\." $how ${to}/daemon
  - "+^kern\\." $how ${to}/kernel
  - "+^mail\\." $how ${to}/mail
  - "+^user\\." $how ${to}/user
  - "+^[[:alnum:]]+\\.debug:" $how ${to}/debug
  - "+^[[:alnum:]]+\\.(err|error|crit|alert|emerg):" $how ${to}/errors
  - "+^[[:alnum:]]+\\.(info|notice|warn):" "-^(auth|authpriv|cron|daemon|mail)\\." $how ${to}/messages
  + "-^auth(priv)?\\." $how ${to}/everything
"#;

const PREPARE: &str = "s6-envuidgid -D 32761:32761: -- sysllog\n\
    if { s6-mkdir -p -m 0755 /var/log/syslogd }\n\
    cd /var/log/syslogd\n\
    if { s6-mkdir -p -m 0755 cron daemon debug errors everything kernel mail messages user }\n\
    if { s6-mkdir -p -m 0750 secure }\n\
    if\n{\n  \
      forx -o 0 -E dir { . cron daemon debug errors everything kernel mail messages user }\n  \
      if { s6-chown -U -- $dir }\n  \
      s6-chmod 02755 $dir\n}\n\
    if { s6-chown -U -- secure }\n\
    s6-chmod 02750 secure\n";

/// Files of the part.
pub const FILES: &[(&str, &str)] = &[
    (service!("syslogd-bundle/contents.d/syslogd-pipeline"), ""),
    (service!("syslogd-bundle/contents.d/syslogd-prepare"), ""),
    (service!("syslogd-bundle/type"), super::BUNDLE),
    (service!("syslogd-log/consumer-for"), "syslogd\n"),
    (service!("syslogd-log/dependencies.d/base"), ""),
    (service!("syslogd-log/dependencies.d/syslogd-prepare"), ""),
    (service!("syslogd-log/notification-fd"), "3\n"),
    (service!("syslogd-log/pipeline-name"), "syslogd-pipeline\n"),
    (service!("syslogd-log/run"), LOGS),
    (service!("syslogd-log/type"), "longrun\n"),
    (service!("syslogd-prepare/dependencies.d/base"), ""),
    (service!("syslogd-prepare/type"), super::ONESHOT),
    (service!("syslogd-prepare/up"), PREPARE),
    (service!("syslogd/dependencies.d/base"), ""),
    (service!("syslogd/dependencies.d/syslogd-prepare"), ""),
    (service!("syslogd/notification-fd"), "3\n"),
    (service!("syslogd/producer-for"), "syslogd-log\n"),
    (service!("syslogd/run"), SOCKET),
    (service!("syslogd/type"), "longrun\n"),
    ("etc/s6-overlay/user-bundles.d/user/contents.d/syslogd-bundle", ""),
];
