"""Nothing done twice: what earlier runs made, by the hash of all that it was made from."""
