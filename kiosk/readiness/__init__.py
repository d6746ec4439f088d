"""The machine examined: what is tried, what is found, how it is told. The parts are in `kiosk/doctor/`."""
