use super::*;

const LIMITS: Limits = Limits { services: 3000, finish: Some(50), kill: 700 };

fn machine(scripts: usize, reached: Reached, setup: bool) -> Shutdown {
    let mut machine = Shutdown::new();
    machine.begin(LIMITS, scripts, reached, setup);
    machine
}

/// Feeds events and expects actions, lines left out.
fn play(mut machine: Shutdown, script: &[(Event, &[Action])]) {
    for (i, (event, expected)) in script.iter().enumerate() {
        let mut out = machine.step(*event);
        out.retain(|action| !matches!(action, Line(_) | Warning(_)));
        assert_eq!(out, *expected, "step {i}, {event:?}");
    }
}

fn lines(machine: &mut Shutdown, events: &[Event]) -> Vec<&'static str> {
    let actions = events.iter().flat_map(|event| machine.step(*event));
    actions.filter_map(|a| if let Line(text) = a { Some(text) } else { None }).collect()
}

#[test]
fn everything_in_its_order() {
    play(
        machine(2, Reached::Services, false),
        &[
            (Event::Ask(End::Halt), &[Deadline(Some(3000)), StopServices]),
            (Event::Quiet, &[Deadline(Some(50)), Script(0)]),
            (Event::ScriptGone, &[Deadline(Some(50)), Script(1)]),
            (Event::ScriptGone, &[Deadline(Some(700)), TermAll]),
            (Event::Empty, &[Exit(End::Halt)]),
        ],
    );
}

#[test]
fn what_does_not_end_is_named_and_killed() {
    play(
        machine(1, Reached::Services, false),
        &[
            (Event::Ask(End::Reboot), &[Deadline(Some(3000)), StopServices]),
            (Event::Deadline, &[NameServices, Deadline(Some(50)), Script(0)]),
            (Event::Quiet, &[]),
            (Event::Deadline, &[KillScript, Deadline(None)]),
            (Event::ScriptGone, &[Deadline(Some(700)), TermAll]),
            (Event::Deadline, &[Deadline(Some(KILLED)), KillAll]),
            (Event::Empty, &[Exit(End::Reboot)]),
        ],
    );
}

#[test]
fn a_process_that_even_kill_does_not_end_is_left_to_the_kernel() {
    play(
        machine(0, Reached::FixAttrs, false),
        &[
            (Event::Ask(End::Halt), &[Deadline(Some(3000)), StopServices]),
            (Event::Quiet, &[Deadline(Some(700)), TermAll]),
            (Event::Deadline, &[Deadline(Some(KILLED)), KillAll]),
            (Event::Deadline, &[Exit(End::Halt)]),
        ],
    );
}

#[test]
fn stage_2_is_waited_for_as_services_are() {
    let begin: (Event, &[Action]) =
        (Event::Ask(End::Halt), &[Deadline(Some(3000)), StopSetup, StopServices]);
    let end: &[Action] = &[Deadline(Some(700)), TermAll];
    let both = machine(3, Reached::FixAttrs, true);
    play(both.clone(), &[begin, (Event::Quiet, &[]), (Event::SetupGone, end)]);
    play(both.clone(), &[begin, (Event::SetupGone, &[]), (Event::Quiet, end)]);
    let late: &[Action] = &[KillSetup, Deadline(Some(700)), TermAll];
    play(both, &[begin, (Event::Quiet, &[]), (Event::Deadline, late)]);
}

#[test]
fn a_graph_comes_down_before_anything_is_told_to_end() {
    let mut machine = machine(2, Reached::Nothing, false);
    machine.has_graph();
    play(
        machine,
        &[
            (Event::Ask(End::Halt), &[DownGraph]),
            (Event::Down, &[Deadline(Some(3000)), StopServices]),
            (Event::Quiet, &[Deadline(Some(700)), TermAll]),
            (Event::Empty, &[Exit(End::Halt)]),
        ],
    );
}

#[test]
fn stage_2_ends_before_its_graph_comes_down() {
    let mut both = machine(0, Reached::Nothing, true);
    both.has_graph();
    let begin: (Event, &[Action]) = (Event::Ask(End::Halt), &[Deadline(Some(3000)), StopSetup]);
    let down: (Event, &[Action]) = (Event::SetupGone, &[Deadline(None), DownGraph]);
    play(both.clone(), &[begin, down]);
    play(both, &[begin, (Event::Deadline, &[KillSetup]), down]);
}

#[test]
fn a_second_wish_changes_nothing() {
    let mut machine = machine(0, Reached::Nothing, false);
    machine.step(Event::Ask(End::Halt));
    assert_eq!(machine.step(Event::Ask(End::Reboot)), []);
    machine.step(Event::Quiet);
    assert_eq!(machine.step(Event::Ask(End::Reboot)), []);
    assert_eq!(machine.step(Event::Empty), [Exit(End::Halt)]);
}

#[test]
fn finish_scripts_run_only_if_the_init_scripts_came_up() {
    let events = [Event::Ask(End::Halt), Event::Quiet];
    for reached in [Reached::Nothing, Reached::FixAttrs] {
        let mut machine = machine(2, reached, false);
        machine.step(events[0]);
        assert!(!machine.step(events[1]).contains(&Script(0)));
    }
    let mut machine = machine(2, Reached::ContInit, false);
    machine.step(events[0]);
    assert!(machine.step(events[1]).contains(&Script(0)));
}

#[test]
fn the_lines_are_those_of_s6_rc() {
    let events = [Event::Ask(End::Halt), Event::Quiet, Event::ScriptGone, Event::Empty];
    assert_eq!(
        lines(&mut machine(1, Reached::Services, false), &events),
        [
            "service legacy-services: stopping",
            "service legacy-cont-init: stopping",
            "service legacy-services successfully stopped",
            "service fix-attrs: stopping",
            "service legacy-cont-init successfully stopped",
            "service fix-attrs successfully stopped",
        ]
    );
    assert_eq!(
        lines(&mut machine(1, Reached::FixAttrs, false), &events),
        ["service fix-attrs: stopping", "service fix-attrs successfully stopped"]
    );
    assert!(lines(&mut machine(1, Reached::Nothing, false), &events).is_empty());
}

#[test]
fn nothing_happens_before_it_is_asked_for() {
    for event in [Event::Quiet, Event::SetupGone, Event::ScriptGone, Event::Empty, Event::Deadline]
    {
        assert_eq!(machine(1, Reached::Services, true).step(event), []);
    }
}
