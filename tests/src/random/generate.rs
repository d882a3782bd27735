//! Random scripts from the table.

use super::rng::Rng;
use super::script::{Item, Script};
use super::table::{CLASSES, DIRECTIVES, ENDS, LINKS, PIECES, SOUP, STRAY};

/// The forms that can be used.
pub struct Grammar {
    links: Vec<&'static str>,
    ends: Vec<&'static str>,
}

impl Grammar {
    /// All whose words `comparable` says yes to; those that are newer than 2.9.3 only if `newest`.
    pub fn new(comparable: impl Fn(&str) -> bool, newest: bool) -> Grammar {
        let usable = |forms: &[&'static str]| {
            let fits = |form: &&&str| {
                let old = !form.starts_with('+');
                let mut words = form.trim_start_matches('+').split(' ');
                (old || newest) && words.all(&comparable)
            };
            forms.iter().filter(fits).map(|form| form.trim_start_matches('+')).collect()
        };
        Grammar { links: usable(LINKS), ends: usable(ENDS) }
    }

    /// The script that the numbers make.
    pub fn script(&self, rng: &mut Rng) -> Script {
        let mut items = Vec::new();
        self.chain(rng, 0, &mut items);
        match rng.below(100) {
            0..7 => damage(rng, &mut items),
            7..11 => {
                items = vec![Item::plain("args"), Item::Word(soup(rng))];
            }
            _ => {}
        }
        if rng.chance(10) {
            items.insert(rng.below(items.len() + 1), Item::plain("# a } comment { \"\n"));
        }
        let options = match rng.below(10) {
            0..4 => vec!["-P"],
            4 => vec!["-p"],
            5 => vec!["-S2"],
            6 => vec!["-s1"],
            7 => vec![*rng.pick(&["-W", "-w", "-q", "-WP", "-WS1", "-qS3"])],
            _ => vec![],
        };
        let mut environment = vec![(b"A".to_vec(), value(rng)), (b"x".to_vec(), value(rng))];
        if rng.chance(20) {
            let strict = rng.pick(&["0", "1", "2", "x"]);
            environment.push((b"EXECLINE_STRICT".to_vec(), strict.as_bytes().to_vec()));
        }
        environment.retain(|(_, value)| !value.contains(&0));
        let count = rng.below(5);
        Script {
            options: options.into_iter().map(|option| option.as_bytes().to_vec()).collect(),
            items,
            arguments: (0..count).map(|_| argument(rng)).collect(),
            environment,
            envfile: envfile(rng),
            input: (0..rng.below(4)).flat_map(|_| [value(rng), b"\n".to_vec()].concat()).collect(),
        }
    }

    fn chain(&self, rng: &mut Rng, depth: usize, out: &mut Vec<Item>) {
        let most = [7, 3, 2, 1][depth.min(3)];
        for _ in 0..rng.below(most + 1) {
            self.form_of(rng, depth, &self.links, out);
        }
        self.form_of(rng, depth, &self.ends, out);
    }

    fn form_of(&self, rng: &mut Rng, depth: usize, forms: &[&str], out: &mut Vec<Item>) {
        let form = *rng.pick(forms);
        self.form(rng, depth, form, out);
    }

    fn form(&self, rng: &mut Rng, depth: usize, form: &str, out: &mut Vec<Item>) {
        let mut open: Vec<Vec<Item>> = Vec::new();
        for token in form.split(' ') {
            match token {
                "{" => open.push(Vec::new()),
                "}" => {
                    let inner = open.pop().expect("a form's braces match");
                    open.last_mut().unwrap_or(out).push(Item::Block(inner));
                }
                _ => self.token(rng, depth, token, open.last_mut().unwrap_or(out)),
            }
        }
        assert!(open.is_empty(), "a form's braces match");
    }

    fn token(&self, rng: &mut Rng, depth: usize, token: &str, out: &mut Vec<Item>) {
        if let Some(option) = token.strip_prefix('?') {
            if rng.chance(30) {
                self.option(rng, depth, option, out);
            }
            return;
        }
        match token {
            "CHAIN" if depth < 4 => return self.chain(rng, depth + 1, out),
            "CHAIN" => return out.push(Item::plain("true")),
            "DIRECTIVE*" => {
                for _ in 0..rng.below(4) {
                    self.form_of(rng, depth, DIRECTIVES, out);
                }
                return;
            }
            "EXPRESSION" => return expression(rng, out),
            _ => {}
        }
        let (class, least) = match (token.strip_suffix('*'), token.strip_suffix('+')) {
            (Some(class), _) => (class, 0),
            (_, Some(class)) => (class, 1),
            _ => return out.push(one(rng, token)),
        };
        for _ in 0..least + rng.below(4) {
            out.push(one(rng, class));
        }
    }

    fn option(&self, rng: &mut Rng, depth: usize, option: &str, out: &mut Vec<Item>) {
        let Some((letter, class)) = option.split_once('@') else {
            return self.token(rng, depth, option, out);
        };
        let argument = bytes_of(rng, class);
        if rng.chance(40) {
            out.push(quoted(rng, &[letter.as_bytes(), &argument].concat()));
        } else {
            out.push(Item::plain(letter));
            out.push(quoted(rng, &argument));
        }
    }
}

fn one(rng: &mut Rng, token: &str) -> Item {
    let is_class =
        token.len() > 1 && token != "PIDV" && token.bytes().all(|b| b.is_ascii_uppercase());
    if !is_class {
        return Item::plain(token);
    }
    let bytes = bytes_of(rng, token);
    quoted(rng, &bytes)
}

/// A word of a class.
///
/// # Panics
/// Where there is no such class.
fn bytes_of(rng: &mut Rng, class: &str) -> Vec<u8> {
    if matches!(class, "VALUE" | "TEXT") {
        return value(rng);
    }
    if class == "BESIDE" {
        // Two that ran at once would write over each other.
        return format!("b{}", rng.below(100_000)).into_bytes();
    }
    let words = CLASSES.iter().find(|(name, _)| *name == class);
    let (_, words) = words.unwrap_or_else(|| panic!("no class of words is called {class}"));
    rng.pick(words).as_bytes().to_vec()
}

fn value(rng: &mut Rng) -> Vec<u8> {
    let most = if rng.chance(15) { 12 } else { 4 };
    (0..rng.below(most)).flat_map(|_| rng.pick(PIECES).bytes()).collect()
}

/// An argument, or a word of a block.
fn argument(rng: &mut Rng) -> Vec<u8> {
    match rng.below(8) {
        0 => Vec::new(),
        1 => [b" ".to_vec(), value(rng)].concat(),
        2 => rng.pick(&["-a", "-b", "-bval", "-c", "--", "-abc", "-"]).as_bytes().to_vec(),
        3 => rng.pick(&[" args", " state", " true", "args"]).as_bytes().to_vec(),
        _ => value(rng),
    }
}

fn expression(rng: &mut Rng, out: &mut Vec<Item>) {
    for _ in 0..rng.below(5) {
        let class = *rng.pick(&["OPERATOR", "OPERATOR", "TEXT", "INT", "FILE"]);
        out.push(one(rng, class));
    }
}

fn envfile(rng: &mut Rng) -> Vec<u8> {
    const PIECES: &[&str] = &[
        "A=1\n",
        "B = two words \n",
        "C=\"q\\n\\x41\\101\"\n",
        "# comment\n",
        "x=",
        "\n",
        "\\\n",
        "\"",
        " ",
        "=",
        "y",
        "\\x4",
        "\\",
        "#",
        "D=\\ ",
        "'",
        "?",
        "long_name=v\n",
        "\t",
        "\r\n",
        "é",
        "\\8",
        "\\777",
    ];
    (0..rng.below(6)).flat_map(|_| rng.pick(PIECES).bytes()).collect()
}

fn soup(rng: &mut Rng) -> Vec<u8> {
    (0..rng.below(24)).map(|_| *rng.pick(SOUP)).collect()
}

/// One of the ways to write these bytes as a word.
fn quoted(rng: &mut Rng, bytes: &[u8]) -> Item {
    let safe = |b: &u8| *b > 32 && !b"\"\\#{}".contains(b);
    let bare = !bytes.is_empty() && bytes.iter().all(safe);
    if bare && rng.chance(75) {
        return Item::Word(bytes.to_vec());
    }
    let mut word = Vec::new();
    let mut inside = bytes.is_empty() || rng.chance(80);
    if inside {
        word.push(b'"');
    }
    for (at, &byte) in bytes.iter().enumerate() {
        // Outside of quotes a backslash and a newline is nothing where a word could begin.
        if !inside && (byte == b'\n' || at == 0) || rng.chance(4) {
            word.push(b'"');
            inside = !inside;
        }
        let next_is_digit = bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit);
        match byte {
            b'"' | b'\\' => word.extend([b'\\', byte]),
            _ if !inside && !safe(&byte) => word.extend([b'\\', byte]),
            b'\n' if rng.chance(60) => word.extend(b"\\n"),
            _ if inside && !next_is_digit && rng.chance(4) => word.extend(number(rng, byte)),
            _ => word.push(byte),
        }
    }
    if inside {
        word.push(b'"');
    }
    Item::Word(word)
}

fn number(rng: &mut Rng, byte: u8) -> Vec<u8> {
    match rng.below(3) {
        0 => format!("\\0x{byte:02x}"),
        1 => format!("\\0{byte:03o}"),
        _ => format!("\\{byte}"),
    }
    .into_bytes()
}

/// Breaks something somewhere.
fn damage(rng: &mut Rng, items: &mut Vec<Item>) {
    if items.is_empty() {
        return;
    }
    let at = rng.below(items.len());
    if let Item::Block(inner) = &mut items[at]
        && rng.chance(60)
    {
        return damage(rng, inner);
    }
    match rng.below(5) {
        0 => drop(items.remove(at)),
        1 => items.insert(at, items[at].clone()),
        2 => items.insert(at, Item::Word(rng.pick(STRAY).as_bytes().to_vec())),
        3 => items[at] = Item::Word(rng.pick(STRAY).as_bytes().to_vec()),
        _ => match items.remove(at) {
            Item::Block(inner) => drop(items.splice(at..at, inner)),
            word => items.insert(at, Item::Block(vec![word])),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::text;
    use super::*;

    #[test]
    fn every_form_can_be_written() {
        let grammar = Grammar::new(|_| true, true);
        let mut rng = Rng::new(1, 1);
        for form in LINKS.iter().chain(ENDS).chain(DIRECTIVES) {
            for _ in 0..20 {
                grammar.form(&mut rng, 0, form.trim_start_matches('+'), &mut Vec::new());
            }
        }
    }

    #[test]
    fn a_seed_makes_the_same_script() {
        let grammar = Grammar::new(|_| true, true);
        let script = |index| text(&grammar.script(&mut Rng::new(7, index)).items);
        assert_eq!(script(3), script(3));
        assert!((0..20).any(|index| script(index) != script(index + 1)));
    }
}
