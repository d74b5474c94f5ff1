"""One representative plan, three times: as a khamsin model, in hand-written C, and as Mesa agents."""
