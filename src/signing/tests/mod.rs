//! Signing against the stock tools, against published vectors, and against everything they let through.

mod hostile;
mod stock;
mod vectors;
