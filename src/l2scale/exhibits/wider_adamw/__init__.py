"""Wider, with AdamW and a schedule."""
