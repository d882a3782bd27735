//! As much of a JSON reader as tells whether a line is JSON, and what is in it.

/// A value; objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Reads a whole text.
    pub fn read(text: &str) -> Value {
        let mut reader = Reader(text.as_bytes());
        let value = reader.value();
        assert!(reader.0.is_empty(), "more than one value: {text}");
        value
    }

    pub fn keys(&self) -> Vec<&str> {
        let Value::Object(fields) = self else { panic!("no object: {self:?}") };
        fields.iter().map(|(key, _)| key.as_str()).collect()
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        let Value::Object(fields) = self else { panic!("no object: {self:?}") };
        fields.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    pub fn text(&self, key: &str) -> &str {
        match self.get(key) {
            Some(Value::Text(text)) => text,
            other => panic!("{key} is no text: {other:?} in {self:?}"),
        }
    }

    pub fn number(&self, key: &str) -> f64 {
        match self.get(key) {
            Some(Value::Number(number)) => *number,
            other => panic!("{key} is no number: {other:?} in {self:?}"),
        }
    }

    pub fn list(&self, key: &str) -> &[Value] {
        match self.get(key) {
            Some(Value::List(list)) => list,
            other => panic!("{key} is no list: {other:?} in {self:?}"),
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn next(&mut self) -> u8 {
        let (&first, rest) = self.0.split_first().expect("the text ends too early");
        self.0 = rest;
        first
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.0.first() == Some(&byte);
        if there {
            self.0 = &self.0[1..];
        }
        there
    }

    fn need(&mut self, byte: u8) {
        assert!(self.take(byte), "no {} before {}", byte as char, self.0.escape_ascii());
    }

    fn value(&mut self) -> Value {
        match self.0.first() {
            Some(b'"') => Value::Text(self.text()),
            Some(b'[') => Value::List(self.many(b'[', b']', Reader::value)),
            Some(b'{') => Value::Object(self.many(b'{', b'}', |reader| {
                let key = reader.text();
                reader.need(b':');
                (key, reader.value())
            })),
            _ => self.number(),
        }
    }

    fn many<T>(&mut self, open: u8, close: u8, one: fn(&mut Self) -> T) -> Vec<T> {
        self.need(open);
        let mut all = Vec::new();
        while !self.take(close) {
            if !all.is_empty() {
                self.need(b',');
            }
            all.push(one(self));
        }
        all
    }

    fn number(&mut self) -> Value {
        let end = self.0.iter().position(|b| !b.is_ascii_digit() && *b != b'.');
        let (digits, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        let digits = std::str::from_utf8(digits).unwrap();
        assert!(
            !digits.starts_with('.')
                && (!digits.starts_with('0') || digits.len() == 1 || digits.starts_with("0.")),
            "no number: {digits}"
        );
        Value::Number(digits.parse().unwrap_or_else(|_| panic!("no number: {digits}")))
    }

    fn text(&mut self) -> String {
        self.need(b'"');
        let mut bytes = Vec::new();
        loop {
            match self.next() {
                b'"' => break,
                b'\\' => match self.next() {
                    b'u' => {
                        let digits: Vec<u8> = (0..4).map(|_| self.next()).collect();
                        let digits = std::str::from_utf8(&digits).unwrap();
                        let code = u32::from_str_radix(digits, 16).unwrap();
                        let char = char::from_u32(code).unwrap();
                        bytes.extend_from_slice(char.to_string().as_bytes());
                    }
                    b'n' => bytes.push(b'\n'),
                    byte @ (b'"' | b'\\') => bytes.push(byte),
                    other => panic!("unknown escape {}", other as char),
                },
                byte => {
                    assert!(byte >= b' ', "a control byte in a string");
                    bytes.push(byte);
                }
            }
        }
        String::from_utf8(bytes).unwrap()
    }
}
