"""Drafting a form definition from a fillable PDF, so that a person only renames."""
