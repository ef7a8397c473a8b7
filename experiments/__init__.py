"""Questions answered by measurement; each folder one."""
