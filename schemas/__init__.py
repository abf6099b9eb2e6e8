"""What things are: definitions, readings, values, rules, tables. Imports nothing of ours."""
