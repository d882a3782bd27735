#![no_main]

fuzz::target!(block);
