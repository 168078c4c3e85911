"""Makes measurements: data sets, networks, training, sweeps, estimates."""
