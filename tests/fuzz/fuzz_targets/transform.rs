#![no_main]

fuzz::target!(transform);
