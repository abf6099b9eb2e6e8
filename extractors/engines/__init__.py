"""Engines: a batch of field images in, a reading each out; all through one door."""
