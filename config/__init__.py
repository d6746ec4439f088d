"""What two rooms must agree on: one file each, importing no room and no I/O library."""
