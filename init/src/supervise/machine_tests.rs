use super::*;
use Command::{AtMostOnce, AtMostOnceForGood, Down, DownForGood, Exit, Once, Up, UpForGood};

const CODE_0: Ended = Ended(0);
const CODE_125: Ended = Ended(125 << 8);

fn at(ms: u64) -> Now {
    let mono = Time { sec: 100, nsec: 0 }.plus_millis(ms);
    Now { mono, wall: Time { sec: 1_700_000_000, nsec: 0 }.plus_millis(ms) }
}

fn ms(machine: &Machine) -> Option<u64> {
    machine.deadline.map(|d| d.millis_since(at(0).mono))
}

fn new() -> Machine {
    Machine::new(at(0), true)
}

fn up() -> Machine {
    let mut m = new();
    assert_eq!(m.handle(Event::Timeout, at(0)), [Act::Start]);
    assert_eq!(m.handle(Event::Started(7), at(0)), [Act::Announce, Act::Notify(b"u")]);
    m
}

fn finishing() -> Machine {
    let mut m = up();
    let acts = m.handle(Event::Died(CODE_0), at(500));
    assert_eq!(acts, [Act::CloseReadiness, Act::Tally(CODE_0), Act::Finish(7)]);
    let acts = m.handle(Event::Finishing(8, Some(5000)), at(500));
    assert_eq!(acts, [Act::Announce, Act::Notify(b"d")]);
    m
}

fn tell(m: &mut Machine, command: Command) -> Vec<Act> {
    m.handle(Event::Command(command), at(600))
}

const TERM_AND_CONT: [Act; 4] = [
    Act::Signal(Which::Down, To::Process),
    Act::Signal(Which::Number(SIGCONT), To::Process),
    Act::Announce,
    Act::AskKillTime,
];

#[test]
fn a_service_that_is_wanted_down_does_not_start() {
    let mut m = Machine::new(at(0), false);
    assert!(m.handle(Event::Timeout, at(0)).is_empty());
    assert_eq!(m.deadline, None);
}

#[test]
fn the_next_start_is_a_second_after_the_death() {
    let mut m = up();
    m.handle(Event::Died(CODE_0), at(300));
    let acts = m.handle(Event::NoFinish, at(300));
    assert_eq!(acts, [Act::Announce, Act::Notify(b"dD")]);
    assert_eq!(ms(&m), Some(1300));
    assert_eq!(m.handle(Event::Timeout, at(1300)), [Act::Start]);
}

#[test]
fn who_is_ready_at_once_is_told_of_once() {
    let mut m = new();
    m.handle(Event::Timeout, at(0));
    let acts = m.handle(Event::StartedReady(7), at(200));
    assert_eq!(acts, [Act::Announce, Act::Notify(b"uU")]);
    assert_eq!((m.state, m.status.pid, m.status.ready), (State::Up, 7, true));
    assert_eq!((m.status.stamp, m.status.ready_stamp), (at(200).wall, at(200).wall));
    m.handle(Event::Died(CODE_0), at(900));
    m.handle(Event::NoFinish, at(900));
    assert_eq!(ms(&m), Some(1200));
}

#[test]
fn or_a_second_after_it_was_ready() {
    let mut m = up();
    assert_eq!(m.handle(Event::Ready, at(200)), [Act::Announce, Act::Notify(b"U")]);
    m.handle(Event::Died(CODE_0), at(900));
    m.handle(Event::NoFinish, at(900));
    assert_eq!(ms(&m), Some(1200));
    let mut m = up();
    m.handle(Event::Ready, at(200));
    m.handle(Event::Died(CODE_0), at(9000));
    m.handle(Event::NoFinish, at(9000));
    assert_eq!(ms(&m), Some(1200), "which is past: at once");
}

#[test]
fn finish_comes_before_really_down() {
    let mut m = finishing();
    assert_eq!((m.state, m.status.pid, m.status.finishing), (State::Finish, 8, true));
    assert_eq!(ms(&m), Some(5500));
    let acts = m.handle(Event::Died(CODE_0), at(700));
    assert_eq!(acts, [Act::Announce, Act::Notify(b"D")]);
    assert_eq!((m.state, m.status.pid, m.status.ready), (State::Down, 0, true));
    assert_eq!(ms(&m), Some(1700));
}

#[test]
fn a_finish_that_exits_125_has_failed_for_good() {
    let mut m = finishing();
    let acts = m.handle(Event::Died(CODE_125), at(700));
    assert_eq!(acts, [Act::Announce, Act::Notify(b"OD")]);
    assert!(!m.status.want_up);
    assert!(m.handle(Event::Timeout, at(1700)).is_empty());
    assert_eq!(tell(&mut m, Up), [Act::Announce, Act::Start]);
}

#[test]
fn a_finish_that_takes_too_long_is_killed_again_and_again() {
    let mut m = finishing();
    let acts = m.handle(Event::Timeout, at(5500));
    assert_eq!(acts[0], Act::WarnFinish);
    assert_eq!(acts.last(), Some(&Act::Signal(Which::Number(SIGKILL), To::Process)));
    assert_eq!(ms(&m), Some(10_500));
}

#[test]
fn going_down_sends_its_signal_and_asks_for_the_limit() {
    let mut m = up();
    assert_eq!(tell(&mut m, Down), TERM_AND_CONT);
    m.handle(Event::KillAfter(Some(50)), at(600));
    assert_eq!(ms(&m), Some(650));
    assert_eq!(m.handle(Event::Timeout, at(650)), [Act::KillLate, Act::Announce]);
    assert_eq!(ms(&m), Some(5650));
}

#[test]
fn without_a_limit_nothing_is_killed() {
    let mut m = up();
    tell(&mut m, Down);
    m.handle(Event::KillAfter(None), at(600));
    assert_eq!(m.deadline, None);
    assert!(m.handle(Event::Timeout, at(9999)).is_empty());
}

#[test]
fn what_is_wanted_afterwards() {
    for (command, want_up, before) in [
        (Once, false, None),
        (AtMostOnce, false, None),
        (AtMostOnceForGood, false, Some(Act::AddDown)),
        (Up, true, None),
        (UpForGood, true, Some(Act::RemoveDown)),
    ] {
        for mut m in [up(), finishing()] {
            m.status.want_up = !want_up;
            let expected: Vec<Act> = before.into_iter().chain([Act::Announce]).collect();
            assert_eq!(tell(&mut m, command), expected, "{command:?}");
            assert_eq!(m.status.want_up, want_up, "{command:?}");
        }
    }
}

#[test]
fn down_during_finish_only_changes_what_is_wanted() {
    let mut m = finishing();
    assert_eq!(tell(&mut m, Down), [Act::Announce]);
    assert_eq!(tell(&mut m, DownForGood), [Act::AddDown, Act::Announce]);
    let stop = Command::Signal(Which::Number(SIGKILL), To::Process);
    assert!(tell(&mut m, stop).is_empty(), "finish gets no signals");
}

#[test]
fn commands_to_a_service_that_is_down() {
    let down = || Machine::new(at(0), false);
    assert_eq!(tell(&mut down(), Once), [Act::Announce, Act::Start]);
    assert_eq!(tell(&mut down(), Up), [Act::Announce, Act::Start]);
    assert_eq!(tell(&mut down(), UpForGood), [Act::RemoveDown, Act::Announce, Act::Start]);
    assert_eq!(tell(&mut down(), Down), [Act::Announce]);
    assert_eq!(tell(&mut down(), DownForGood), [Act::AddDown, Act::Announce]);
    assert_eq!(tell(&mut down(), Exit), [Act::Leave]);
    assert!(tell(&mut down(), Command::Signal(Which::Down, To::Process)).is_empty());
}

#[test]
fn stop_and_continue_show() {
    let mut m = up();
    tell(&mut m, Command::Signal(Which::Number(SIGSTOP), To::Group));
    assert!(m.status.paused);
    tell(&mut m, Command::Signal(Which::Number(SIGCONT), To::Process));
    assert!(!m.status.paused);
}

#[test]
fn terminate_leaves_after_the_finish() {
    let mut m = up();
    assert_eq!(m.handle(Event::Terminate, at(0)), TERM_AND_CONT);
    assert_eq!(m.state, State::LastUp);
    m.handle(Event::Died(CODE_0), at(1));
    m.handle(Event::Finishing(8, None), at(1));
    assert_eq!(m.state, State::LastFinish);
    let acts = m.handle(Event::Died(CODE_0), at(2));
    assert_eq!(acts, [Act::Announce, Act::Notify(b"D"), Act::Leave]);
}

#[test]
fn terminate_leaves_at_once_where_nothing_runs() {
    assert_eq!(new().handle(Event::Terminate, at(0)), [Act::Leave]);
    let mut m = up();
    m.handle(Event::Terminate, at(0));
    m.handle(Event::Died(CODE_0), at(1));
    let acts = m.handle(Event::NoFinish, at(1));
    assert_eq!(acts, [Act::Announce, Act::Notify(b"dD"), Act::Leave]);
}

#[test]
fn hanging_up_waits_for_the_end_without_a_signal() {
    let mut m = up();
    assert_eq!(m.handle(Event::HangUp, at(0)), [Act::CloseStdio]);
    assert_eq!(m.state, State::LastUp);
    let mut m = finishing();
    assert_eq!(m.handle(Event::HangUp, at(0)), [Act::CloseStdio]);
    assert_eq!(m.handle(Event::Died(CODE_0), at(2)).last(), Some(&Act::Leave));
}

#[test]
fn interrupting_leaves_the_rest_alone() {
    let acts = up().handle(Event::Interrupt, at(0));
    assert_eq!(acts, [Act::Signal(Which::Number(SIGINT), To::Group), Act::Leave]);
    assert_eq!(new().handle(Event::Interrupt, at(0)), [Act::Leave]);
    assert_eq!(up().handle(Event::Quit, at(0)), [Act::Leave]);
}

#[test]
fn a_start_that_fails_is_tried_again() {
    let mut m = new();
    m.handle(Event::Timeout, at(0));
    assert!(m.handle(Event::NotStarted(Some(60_000)), at(0)).is_empty());
    assert_eq!((m.state, ms(&m)), (State::Down, Some(60_000)));
    assert!(m.status.ready);
}

#[test]
fn readiness_counts_only_while_it_runs() {
    assert!(finishing().handle(Event::Ready, at(0)).is_empty());
    assert!(new().handle(Event::Ready, at(0)).is_empty());
}

/// The wall clock is set back by an hour between a start and a death.
#[test]
fn no_deadline_follows_the_wall_clock() {
    let mut m = up();
    let earlier = Time { sec: 1_700_000_000 - 3600, nsec: 0 };
    let set_back = |ms: u64| Now { wall: earlier, ..at(ms) };
    m.handle(Event::Ready, set_back(100));
    assert_eq!((m.status.stamp, m.status.ready_stamp), (at(0).wall, earlier));
    m.handle(Event::Died(CODE_0), set_back(200));
    m.handle(Event::NoFinish, set_back(200));
    assert_eq!((m.status.stamp, ms(&m)), (earlier, Some(1100)));
    assert_eq!(m.handle(Event::Timeout, set_back(1100)), [Act::Start]);
}
