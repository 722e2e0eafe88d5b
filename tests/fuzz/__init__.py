"""Whatever is typed and whatever a file holds, a command ends as it says it does."""
