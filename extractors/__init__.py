"""From pixels to readings: intake, identification, registration, ink, engines, confidence."""
