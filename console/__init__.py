"""The review console: a person at the screen decides what taxlift would not."""
