"""Configuration files as people have them, read into the settings that the Java producer is given.

Text becomes entries (properties, YAML, JSON, environment), entries of one thing are a unit, and a
kind of file (kinds.toml) says which of them are the producer's. Left out: HOCON, source code,
includes, anything that a program would do to the settings afterwards.
"""
