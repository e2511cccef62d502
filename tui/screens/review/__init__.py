"""The record, looked through: clients, points, visits, presses, and each of them from close by."""
