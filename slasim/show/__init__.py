"""What was found, made visible: plots, and tables for the terminal. Results never draw themselves."""
