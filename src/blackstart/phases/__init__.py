"""The steps of the plot, one module each; `run` alone knows their order."""
