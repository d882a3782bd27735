#![no_main]

fuzz::target!(substitution);
