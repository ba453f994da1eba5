"""What the other tests do not cover, package by package."""
