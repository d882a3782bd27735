#![no_main]

fuzz::target!(parser);
