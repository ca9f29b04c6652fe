"""Metrics: what is divided by what. No number leaves this room; ranges are made in ``outcome/``."""
