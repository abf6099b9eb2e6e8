"""Prefect flows, deployments and the `taxlift` command line."""
