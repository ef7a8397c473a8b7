"""What outlives one look at a page: what the process shares, and what each teacher has."""
