"""One file a command of `taxlift`."""
