#![no_main]

fuzz::target!(lexer);
