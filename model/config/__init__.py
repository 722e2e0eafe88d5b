"""Configuration as frozen values that check themselves; milliseconds stop here."""
