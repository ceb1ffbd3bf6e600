"""Why two ids are one person and how a person came to be, from what the topics say."""
