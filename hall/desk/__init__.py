"""The web desk: pages, the JSON interface, events, metrics. Before every route stands `hall/access/`."""
