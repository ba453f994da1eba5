"""Tests of the models, where spec and golden tests do not cover them."""
