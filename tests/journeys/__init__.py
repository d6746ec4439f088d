"""Whole journeys: real core, drivers, link, hall and platform; only hands and devices are played."""
