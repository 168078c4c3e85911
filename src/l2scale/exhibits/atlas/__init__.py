"""The atlas: the best lambda of real problems, and which rule comes near it without tuning."""
