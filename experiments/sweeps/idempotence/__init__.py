"""Idempotence on and off: the same to within a margin?"""
