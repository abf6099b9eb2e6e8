"""The department's rules: their language, Great Expectations suites, decisions, reports."""
