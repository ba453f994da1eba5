"""Golden cases: for every synthetic patient, what went in, what was read and what came out."""
