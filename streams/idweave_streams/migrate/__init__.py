"""The historic way from app-scoped ids to the ids of one Page, once for a Page."""
