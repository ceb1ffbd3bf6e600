"""The core of idweave: ids, ownership, evidence, persons and the rules between them.

Plain values in, plain values out: no IO, no clock, no logging, no waiting.
"""
