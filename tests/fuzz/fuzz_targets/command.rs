#![no_main]

fuzz::target!(command);
