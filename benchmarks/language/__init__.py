"""Makes `extractors/models/language.npz`, what words and letters are likely in a field."""
