"""Who may: accounts, logins, the doorkeeper before every route, the audit of what was done."""
