"""What can be cited: tables, figures, predictions, claims, verdicts; and how they are printed."""
