"""The tests; one folder a room, and the journeys through all of them."""
