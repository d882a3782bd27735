//! The values in a page: code spans, quoted where bytes need it, and the names of directories
//! that differ from run to run.

/// Takes the code spans out of a line.
///
/// # Errors
/// A span that does not end, or a bad escape.
pub fn spans(line: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once('`') {
        let (span, next) =
            after.split_once('`').ok_or_else(|| "a code span that does not end".to_owned())?;
        found.push(value(span)?);
        rest = next;
    }
    Ok(found)
}

/// A span's bytes: as they stand, or unescaped where it stands in double quotes.
fn value(span: &str) -> Result<Vec<u8>, String> {
    match span.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => unescape(quoted),
        None => Ok(span.as_bytes().to_vec()),
    }
}

fn unescape(quoted: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut bytes = quoted.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'\\') => out.push(b'\\'),
            Some(b'"') => out.push(b'"'),
            Some(b'x') => {
                let digits: Vec<u8> = bytes.by_ref().take(2).collect();
                let text = std::str::from_utf8(&digits).unwrap_or_default();
                let code = u8::from_str_radix(text, 16)
                    .map_err(|_| format!("\\x wants two hexadecimal digits, not '{text}'"))?;
                out.push(code);
            }
            other => return Err(format!("an unknown escape: {:?}", other.map(char::from))),
        }
    }
    Ok(out)
}

/// Writes bytes as a span's quoted form.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            b'\\' => out.push_str("\\\\"),
            b'"' => out.push_str("\\\""),
            b' '..=b'~' if *byte != b'`' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

/// Each value a line.
pub fn lines(values: &[Vec<u8>]) -> Vec<u8> {
    values.iter().flat_map(|value| [value.as_slice(), b"\n"].concat()).collect()
}

/// Puts `to` wherever `from` stands.
pub fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}
