//! The only loop: run a word in this process, or exec it.

use crate::arg::{Arg, Argv};
use crate::diagnose::remedy;
use crate::image::Image;
use crate::resolve::{Target, basename};
use crate::trace;
use crate::word::{Cause, Command, Fail, Kind, Next, NoExec};

/// Runs the image's command and whatever its command line leads to. Comes back with the exit
/// code of the process, if no program took its place.
pub fn run(image: &mut Image, argv: Argv) -> i32 {
    let code = walk(image, argv);
    if trace::on() {
        trace::exit(image, code);
    }
    code
}

fn walk(image: &mut Image, mut argv: Argv) -> i32 {
    loop {
        image.argv0 = argv.next_word().unwrap_or(c"");
        match step(image, argv) {
            Ok(Step::Exit(code)) => return code,
            Ok(Step::Word(next)) => argv = next,
            Err(fail) => return report(image, &fail),
        }
    }
}

enum Step {
    Exit(i32),
    Word(Argv),
}

fn step(image: &mut Image, argv: Argv) -> Result<Step, Fail> {
    let (file, argv) = match (image.command.run)(image, argv)? {
        Next::Exit(code) => return Ok(Step::Exit(code)),
        Next::Chain(argv) => (argv.first().copied().ok_or_else(Fail::usage)?, argv),
        Next::File { file, argv } => (file, argv),
    };
    if !image.still.take() && image.command.kind != Kind::Still || trace::on() {
        image.forget();
    }
    match image.resolve(file) {
        Target::Word(command) => {
            if trace::on() {
                trace::word(image, command, &argv);
            }
            image.enter(command);
            Ok(Step::Word(argv))
        }
        Target::Files(files) => {
            if image.origin.is_some()
                && let Some(file) = files.first()
                && let Some(command) = image.find(basename(file.to_bytes()))
                && command.kind == Kind::Daemon
                && let Some(code) = mistake(image, command, file, &argv)
            {
                return Ok(Step::Exit(code));
            }
            if trace::on() {
                trace::exec(image, &files, &argv);
            }
            let errno = sys::spawn::exec(&files, &argv, image.env.vars());
            if trace::on() {
                trace::failed(image, file, errno);
            }
            let sizes = crate::why::sizes(&argv, image.env.vars());
            let tried = !files.is_empty() || image.path.to_bytes().iter().any(|&b| b != b':');
            Err(Cause::Exec(NoExec { file, sizes, errno, tried }).into())
        }
    }
}

/// Says what is wrong with the words of a command of this binary that is about to be exec'd, as long
/// as it is known where they stand; the exit code.
#[cold]
fn mistake(image: &mut Image, command: &'static Command, file: Arg, argv: &[Arg]) -> Option<i32> {
    let (name, words) = argv.split_first()?;
    let mut first = None;
    command.examine?(words, &mut |word, fail| _ = first.get_or_insert((word, fail)));
    let (word, fail) = first?;
    if !image.is_this_binary(file).is_ok_and(|is| is) {
        return None;
    }
    let now = (image.command, image.path, image.argv0);
    image.enter(command);
    image.argv0 = word.filter(|word| image.place_of(word).is_some()).unwrap_or(name);
    let code = report(image, &fail);
    (image.command, image.path, image.argv0) = now;
    Some(code)
}

/// Says what a failure has to say; its exit code.
pub fn report(image: &Image, fail: &Fail) -> i32 {
    match fail.cause() {
        Cause::Silent(_) => {}
        Cause::Usage => usage(image, ""),
        Cause::Option(bad) => {
            let option = bad.letter.escape_ascii();
            let name = image.command.name;
            usage(
                image,
                &match (bad.lacks_argument, bad.letter) {
                    (true, _) => format!("{name}: option -{option} lacks its argument\n"),
                    (false, b'-') => format!("{name}: there are no long options here\n"),
                    (false, b'0'..=b'9') => format!(
                        "{name}: there is no option -{option}, and no number below 0 is wanted\n"
                    ),
                    (false, _) => format!("{name}: there is no option -{option}\n"),
                },
            );
        }
        Cause::Number(_) => usage(image, &format!("{}: {fail}\n", image.command.name)),
        Cause::Exec(no) => {
            let message = crate::why::exec_failed(image, no.file, no.sizes, no.errno);
            let _ = sys::fd::write_all(2, &message);
        }
        other => {
            let name = image.command.name;
            let mut message = format!("{name}: fatal: {other}");
            match other {
                Cause::Misuse(_) => message += &format!("\n{name}: usage: {}", image.command.usage),
                Cause::Sys { errno, .. } => {
                    let help = remedy(*errno);
                    if !help.is_empty() && !message.contains("help: ") {
                        message += "\nhelp: ";
                        message += help;
                    }
                }
                _ => {}
            }
            let _ = sys::fd::write_all(2, &crate::why::word_failed(image, &message));
        }
    }
    fail.code()
}

fn usage(image: &Image, detail: &str) {
    let message = format!("{}: usage: {}\n{detail}", image.command.name, image.command.usage);
    let _ = sys::fd::write_all(2, &crate::why::word_failed(image, &message));
}
