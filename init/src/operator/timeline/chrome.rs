//! Trace events, as Chrome's `about:tracing` and Perfetto read them.

use super::{Shown, ending};
use crate::operator::check::string;

/// All changes, each a process of its own, with a thread for each service.
pub fn document(all: &Shown) -> String {
    let mut events = Vec::new();
    for (number, change) in &all.changes {
        for pass in change {
            let way = if pass.up { "up" } else { "down" };
            let length = pass.end.saturating_sub(pass.start);
            let whole = format!("change {number}, {way}");
            events.push(format!(
                "{{\"name\":\"{whole}\",\"ph\":\"X\",\"ts\":{},\"dur\":{length},\"pid\":{number},\
                 \"tid\":0}}",
                pass.start
            ));
            for (thread, step) in (1..).zip(&pass.steps) {
                events.push(format!(
                    "{{\"name\":{},\"cat\":\"{way}\",\"ph\":\"X\",\"ts\":{},\"dur\":{},\
                     \"pid\":{number},\"tid\":{thread},\"args\":{{\"state\":\"{}\",\"detail\":{}}}}}",
                    string(step.name),
                    step.start,
                    step.took(),
                    ending(step.how, pass.up),
                    string(step.detail)
                ));
            }
        }
    }
    format!("{{\"traceEvents\":[{}]}}\n", events.join(",\n"))
}
