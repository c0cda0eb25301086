"""Trains, exports and measures kilophone's models."""
