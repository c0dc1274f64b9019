"""Editions, treatments, questionnaires, tools and what patients send."""
