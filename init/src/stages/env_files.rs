//! `CHAINIT_ENV_FILES`: variables that name files, as container platforms hand secrets over.
//! `FILE__NAME` and `NAME_FILE` make `NAME` what is in the file, without the newline at its end.

use interpreter::env::Env;

/// The variable that asks for it.
pub const SWITCH: &[u8] = b"CHAINIT_ENV_FILES";

/// A larger file is nothing that the environment is for.
const MOST: usize = 1 << 16;

/// The variable that a variable is a file's name for. `FILE__NAME` goes before `NAME_FILE`.
pub fn target(name: &[u8]) -> Option<&[u8]> {
    let target = name.strip_prefix(b"FILE__").or_else(|| name.strip_suffix(b"_FILE"))?;
    (!target.is_empty()).then_some(target)
}

/// What a file makes of a variable; an error is what is wrong with it.
pub fn value(path: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let reason = |errno| sys::reason(errno).into_bytes();
    let size = sys::fs::stat_bytes(path).map_err(reason)?;
    if !size.is_file() {
        return Err(b"it is no regular file".to_vec());
    }
    let mut value = sys::fd::read_file_bytes(path).map_err(reason)?;
    if value.len() > MOST {
        return Err(b"it has more than 65,536 bytes".to_vec());
    }
    if value.contains(&0) {
        return Err(b"it has a NUL byte in it, which no variable can have".to_vec());
    }
    if value.pop_if(|last| *last == b'\n').is_some() {
        value.pop_if(|last| *last == b'\r');
    }
    Ok(value)
}

/// Sets the variables. What could not be, in words.
pub fn expand(env: &mut Env) -> Vec<Vec<u8>> {
    let mut trouble = Vec::new();
    if !super::contenv::flag(env.get(SWITCH)) {
        return trouble;
    }
    let (mut first, mut then) = (Vec::new(), Vec::new());
    for var in env.vars() {
        let var = var.to_bytes();
        let Some(cut) = var.iter().position(|&b| b == b'=') else { continue };
        let (name, path) = (&var[..cut], &var[cut + 1..]);
        if let Some(target) = target(name).filter(|_| path.starts_with(b"/")) {
            let later = name.starts_with(b"FILE__");
            if later { &mut then } else { &mut first }.push((name, path, target));
        }
    }
    for (name, path, target) in first.into_iter().chain(then) {
        match value(path) {
            Ok(value) => env.set(target, &value),
            Err(why) => trouble
                .push([target, b" is not set from ", path, b" (", name, b"): ", &why].concat()),
        }
    }
    trouble
}

#[cfg(test)]
mod tests {
    use super::*;
    use interpreter::arg::leak;

    #[test]
    fn names_have_targets() {
        assert_eq!(target(b"FILE__A"), Some(&b"A"[..]));
        assert_eq!(target(b"A_FILE"), Some(&b"A"[..]));
        assert_eq!(target(b"FILE__A_FILE"), Some(&b"A_FILE"[..]));
        for none in [&b"_FILE"[..], b"FILE__", b"A", b"FILE_A"] {
            assert_eq!(target(none), None);
        }
    }

    #[test]
    fn files_become_values() {
        let dir = std::env::temp_dir().join(format!("chainit-env-files-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let var = |name: &str, file: &str, content: &[u8]| {
            let path = dir.join(file);
            std::fs::write(&path, content).unwrap();
            leak(format!("{name}={}", path.display()).into_bytes())
        };
        let vars = vec![
            c"CHAINIT_ENV_FILES=1",
            var("FILE__A", "a", b"one\n\n"),
            var("A_FILE", "b", b"two"),
            var("B_FILE", "c", b" x\r\n"),
            var("C_FILE", "d", b""),
            var("D_FILE", "e", b"a\0b"),
            c"E_FILE=/nonexistent/x",
            c"F_FILE=relative",
            c"B=old",
        ];
        let mut env = Env::new(vars.clone());
        let trouble = expand(&mut env);
        assert_eq!(env.get(b"A"), Some(&b"one\n"[..]));
        assert_eq!(env.get(b"B"), Some(&b" x"[..]));
        assert_eq!(env.get(b"C"), Some(&b""[..]));
        assert_eq!((env.get(b"D"), env.get(b"E"), env.get(b"F")), (None, None, None));
        assert_eq!(trouble.len(), 2);
        assert_eq!(
            trouble[1],
            b"E is not set from /nonexistent/x (E_FILE): No such file or directory"
        );
        let mut env = Env::new(vars[1..].to_vec());
        assert!(expand(&mut env).is_empty() && env.get(b"A").is_none());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
