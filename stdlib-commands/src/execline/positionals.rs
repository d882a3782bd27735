//! The positional parameters as `execlineb` leaves them in the environment.

use interpreter::arg::Arg;
use interpreter::args::number::{self, Decimal};
use interpreter::image::Image;
use interpreter::word::Fail;

/// How many there are. Exit code 100 where the environment does not hold them.
pub fn count(image: &Image) -> Result<u32, Fail> {
    let value = image.env.get(b"#").ok_or_else(|| not_set("#"))?;
    number::uint(value).ok_or_else(|| {
        let value = value.escape_ascii();
        Fail::bad(format!("invalid $#: {value} is not the number of positional parameters"))
    })
}

/// The one of that number. Exit code 100 where the environment does not hold it.
pub fn get(image: &Image, number: u32) -> Result<Arg, Fail> {
    image.env.get_arg(&Decimal::new(number.into())).ok_or_else(|| not_set(&number.to_string()))
}

fn not_set(name: &str) -> Fail {
    Fail::bad(format!(
        "{name} not set: the environment holds no positional parameters here; execlineb puts \
         them there, without -P, -p, -S or -s"
    ))
}
