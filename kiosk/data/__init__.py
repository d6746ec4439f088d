"""What lies in the terminal's data folder: one store with its records, ledger, journal and sealed copies."""
