"""Whole journeys: the real core, drivers, link, hall and platform; only the hands and the devices are played."""
