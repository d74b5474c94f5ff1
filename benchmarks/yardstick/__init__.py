"""One representative plan, three times: as a khamsin model, in C, and as Mesa agents."""
