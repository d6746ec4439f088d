"""What the terminal tells the hall and hears of it: the outbox on its way, answers, a restored hall."""
