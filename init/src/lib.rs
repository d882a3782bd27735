//! Everything that lives longer than a chain.
