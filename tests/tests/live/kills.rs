//! Random graphs of real services, changed at random, and `s6-rc` killed at random: every service
//! looks by itself whether those that it needs are there.

use crate::lab::ours;
use crate::room::{Room, said};
use std::time::Duration;
use tests::harness::Outcome;

/// Numbers that look random, the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % sides
    }
}

/// A service has a file in `up/` from its beginning to its end.
fn define(room: &Room, dice: &mut Dice, count: usize) {
    let here = room.s.0.display();
    let needs: Vec<Vec<usize>> =
        (0..count).map(|i| (0..i).filter(|_| dice.roll(3) == 0).collect()).collect();
    for i in 0..count {
        let name = format!("s{i}");
        let early: String = needs[i]
            .iter()
            .map(|need| {
                format!("test -e {here}/up/s{need} || echo {i} before {need} >>{here}/bad\n")
            })
            .collect();
        let late: String = (0..count)
            .filter(|other| needs[*other].contains(&i))
            .map(|other| {
                format!("test -e {here}/up/s{other} && echo {i} under {other} >>{here}/bad\n")
            })
            .collect();
        let up = format!("{early}: >{here}/up/{name}\n");
        let down = format!("{late}rm -f {here}/up/{name}\nexit 0\n");
        for need in &needs[i] {
            room.file(&format!("{name}/dependencies.d/s{need}"), "");
        }
        if dice.roll(2) == 0 {
            room.longrun(&name, &format!("{up}echo >&3\nexec sleep 1000"));
            room.file(&format!("{name}/notification-fd"), "3\n");
            room.file(&format!("{name}/finish"), &format!("#!/bin/sh\n{down}"));
        } else {
            // Who kills s6-rc ends its scripts, too. These are such as they should be: what they
            // have begun they bring to an end. No other is to run beside them.
            let alone = format!("{here}/alone/{name}");
            for (way, text) in [("up", &up), ("down", &down)] {
                let path = format!("../scripts/{name}.{way}");
                let begin = format!("mkdir {alone} || echo two of {name} >>{here}/bad");
                let text = text.replace("exit 0\n", "");
                let text = format!("#!/bin/sh\ntrap '' TERM\n{begin}\n{text}rmdir {alone}\n");
                room.file(&path, &text);
                room.file(&format!("{name}/{way}"), &format!("{here}/scripts/{name}.{way}\n"));
            }
            room.file(&format!("{name}/type"), "oneshot\n");
        }
    }
}

fn call(room: &Room, dice: &mut Dice, count: usize) -> std::process::Command {
    let mut command = room.command("s6-rc");
    command.arg("-v0").arg("-l").arg(room.path("live"));
    let verb: &[&str] = match dice.roll(4) {
        0 | 1 => &["start"],
        2 => &["stop"],
        _ => &["-p", "change"],
    };
    command.args(verb);
    for i in (0..count).filter(|_| dice.roll(3) == 0) {
        command.arg(format!("s{i}"));
    }
    command
}

/// What is up by the state is what is up by the files.
fn check(room: &Room, told: &str) {
    let out = room.command("s6-rc").arg("-l").arg(room.path("live")).args(["-a", "list"]).output();
    let listed = String::from_utf8(out.unwrap().stdout).unwrap();
    let mut listed: Vec<&str> = listed.lines().filter(|name| !name.starts_with("s6rc-")).collect();
    listed.sort_unstable();
    let timeline = room.s.text("live/timeline");
    assert_eq!(room.names(&room.path("up")), listed, "{told}\n{timeline}");
    let diff = room.command("s6-rc").arg("-l").arg(room.path("live")).arg("diff").output().unwrap();
    assert_eq!(said(&diff), "[0]");
}

fn life(seed: u64) {
    let (room, mut dice) = (Room::new(&format!("rc-kills-{seed}")), Dice(seed));
    std::fs::create_dir(room.path("up")).unwrap();
    std::fs::create_dir(room.path("alone")).unwrap();
    let count = 4 + dice.roll(6) as usize;
    define(&room, &mut dice, count);
    room.compile("db");
    let _tree = room.tree();
    room.initialized("db");
    let mut killed = 0;
    for _ in 0..12 {
        let mut child = call(&room, &mut dice, count).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(dice.roll(30_000)));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            killed += 1;
        }
        child.wait().unwrap();
    }
    let told = format!("seed {seed}, {killed} killed");
    // Whatever is left, the next one brings it where it should be.
    let all: Vec<String> = (0..count).map(|i| format!("s{i}")).collect();
    let live = room.path("live");
    let run = |words: &[&str]| {
        let mut command = ours().command("s6-rc");
        command.arg("-l").arg(&live).args(words).args(&all);
        let out = command.output().unwrap();
        assert!(out.status.success(), "{told}: {}", said(&out));
    };
    run(&["start"]);
    check(&room, &told);
    assert_eq!(room.names(&room.path("up")).len(), count);
    call(&room, &mut dice, count).status().unwrap();
    check(&room, &told);
    run(&["-a", "stop"]);
    check(&room, &told);
    assert_eq!(room.s.text("bad"), "", "{told}");
}

/// SEED=N takes another beginning.
pub fn lives() -> Outcome {
    let first = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    (first..first + 8).for_each(life);
    Outcome::Passed
}
