"""Linking a message to procedures: candidates from several views, a learned ranker, a calibrated decision."""
