"""The wiring: Kafka topics, Faust agents, tables, settings and the command line."""
