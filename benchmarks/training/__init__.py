"""Training of the strip recogniser; needs PyTorch, which taxlift itself does not."""
