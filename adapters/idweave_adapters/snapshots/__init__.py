"""Who is whom as files for analysts: tables, graphs, questions, differences.

Persons and events come in as values, one at a time, grouped by business; nothing here
knows where they come from, or holds more of them than a few row groups.
"""
