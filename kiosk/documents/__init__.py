"""What is printed, before it is: receipts and the terminal's own papers, certificates, copies."""
