#![no_main]

fuzz::target!(envfile);
