"""Outcomes, dashboards, charts and reports."""
