"""What talks to the outside: the Graph API, webhooks, credentials, the simulator."""
