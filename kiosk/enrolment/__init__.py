"""How a terminal belongs to its hall: certificate and settings, renewed, moved, retired."""
