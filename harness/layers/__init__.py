"""Each framework's own layers, one file each: what the routes of ``harness/backends`` differentiate."""
