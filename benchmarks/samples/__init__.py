"""Invented returns, filled in and scanned: what taxlift is shown, tested and measured on."""
