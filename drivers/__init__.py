"""One file per kind of device: plain blocking drivers that know no screen, no session and no thread."""
