"""Samples with known truth; accuracy and speed against the textbook pipeline."""
