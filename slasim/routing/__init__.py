"""Who may serve whom: a table of numbers, and the policies that fill it."""
