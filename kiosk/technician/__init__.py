"""The technician's mode: who may enter, and what he can do at the terminal's own screen."""
