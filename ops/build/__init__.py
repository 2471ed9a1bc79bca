"""Making the package that runs in Lambda: wheels, packing, pruning, and checks of the outcome."""
