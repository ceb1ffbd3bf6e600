"""What the Graph API answers, without HTTP: calls in, answers out."""
