"""What can be cited: figures, verdicts, the claims they answer, and the style they share."""
