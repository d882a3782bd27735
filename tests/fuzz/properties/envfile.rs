//! A file of variables, against a reading of its rules byte by byte.

use stdlib_commands::execline::envfile::syntax::parse;

pub fn envfile(text: &[u8]) -> usize {
    let result = parse(text);
    assert_eq!(result.clone().ok(), naive(text));
    if let Err(bad) = result {
        assert!(bad.offset <= text.len());
    }
    text.len()
}

fn is_blank(byte: u8) -> bool {
    b" \t\x0c\r".contains(&byte)
}

fn naive(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = skip_blanks(rest);
        match rest {
            [] => return Some(out),
            [b'\n', after @ ..] => rest = after,
            [b'#', ..] => {
                let end = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                rest = &rest[end..];
            }
            _ => rest = variable(rest, &mut out)?,
        }
    }
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    &text[text.iter().position(|&b| !is_blank(b)).unwrap_or(text.len())..]
}

fn variable<'t>(text: &'t [u8], out: &mut Vec<u8>) -> Option<&'t [u8]> {
    let no_name = |b: &u8| is_blank(*b) || b"\n=\\\"'?".contains(b);
    let name = text.iter().position(no_name)?;
    let [b'=', rest @ ..] = skip_blanks(&text[name..]) else { return None };
    if name == 0 {
        return None;
    }
    out.extend_from_slice(&text[..name]);
    out.push(b'=');
    let mut rest = skip_blanks(rest);
    let (mut value, mut blanks) = (Vec::new(), Vec::new());
    let mut quoted = false;
    loop {
        let Some((&byte, after)) = rest.split_first() else {
            if quoted {
                return None;
            }
            break;
        };
        rest = after;
        let mut bytes: &[u8] = &[byte];
        let escaped;
        match byte {
            b'\n' if quoted => return None,
            b'\n' => break,
            b'"' => {
                quoted = !quoted;
                bytes = b"";
            }
            b'\\' => {
                let (made, after) = escape(rest, quoted)?;
                escaped = made;
                bytes = escaped.as_slice();
                rest = after;
            }
            blank if is_blank(blank) && !quoted => {
                blanks.push(blank);
                continue;
            }
            _ => {}
        }
        value.append(&mut blanks);
        value.extend_from_slice(bytes);
    }
    out.extend_from_slice(&value);
    out.push(0);
    Some(rest)
}

fn escape(text: &[u8], quoted: bool) -> Option<(Vec<u8>, &[u8])> {
    let (&byte, rest) = text.split_first()?;
    if byte == b'\n' {
        return Some((Vec::new(), rest));
    }
    if !quoted {
        let may = is_blank(byte) || byte == b'"' || byte == b'\\';
        return may.then(|| (vec![byte], rest));
    }
    let is_octal = |b: &&u8| (b'0'..=b'7').contains(*b);
    let digits = text.iter().take(3).take_while(is_octal).count();
    if digits > 0 {
        let number = std::str::from_utf8(&text[..digits]).ok()?;
        let number = u32::from_str_radix(number, 8).ok()?;
        return Some((vec![(number % 256) as u8], &text[digits..]));
    }
    if byte == b'x' {
        let (high, low) = (char::from(*rest.first()?), char::from(*rest.get(1)?));
        let number = high.to_digit(16)? * 16 + low.to_digit(16)?;
        return Some((vec![number as u8], &rest[2..]));
    }
    let letters = b"a\x07b\x08t\tn\nv\x0bf\x0cr\r";
    let control = letters.chunks(2).find(|pair| pair[0] == byte).map(|pair| pair[1]);
    Some((vec![control.unwrap_or(byte)], rest))
}
