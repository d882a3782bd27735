//! Live states of service databases: how they are made and changed, and what the tree does for
//! them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod change;
mod init;
mod kills;
#[path = "../supervision/lab.rs"]
#[allow(dead_code, reason = "the supervision's tests use the rest of it")]
mod lab;
mod pipelines;
mod room;
mod update;

use tests::harness::run;

fn main() {
    run(&[
        ("init: the live directory and the links", init::layout),
        ("init: again", init::again),
        ("init: what an earlier life has left", init::left_over),
        ("init: killed at any moment", init::killed),
        ("init: a thousand services, one scan", init::thousand),
        ("init: what goes wrong leaves nothing", init::failures),
        ("init: nothing can be exec'd under the live directory", init::noexec),
        ("init: somebody who is not root", init::other_user),
        ("init: under a real s6-svscan", init::elsewhere),
        ("pipelines: members are killed, the tree begins anew", pipelines::killed),
        ("pipelines: many write to one, finish scripts too", pipelines::fan_in),
        ("pipelines: a stop lets everything through", pipelines::stop),
        ("pipelines: a stop waits for nobody for ever", pipelines::deaf),
        ("pipelines: a prefix tells them apart, and nothing stays open", pipelines::prefixes),
        ("change: in the order of the graph", change::order),
        ("change: who fails is named", change::failures),
        ("change: the time for the whole", change::whole),
        ("change: who keeps it waiting on the way down", change::patience),
        ("change: one at a time", change::locks),
        ("change: SIGTERM", change::terminated),
        ("change: the tree begins anew meanwhile", change::upgraded),
        ("change: nobody supervises", change::unsupervised),
        ("change: more services than descriptors", change::many),
        ("change: killed at random, on random graphs", kills::lives),
        ("update: what is the same goes on", update::same),
        ("update: what depends on something new restarts", update::restarts),
        ("update: new names and wishes", update::conversion),
        ("update: transitions that fail", update::failures),
        ("update: pipes go on with their readers", update::pipelines),
        ("update: whenever it is killed", update::killed),
    ]);
}
