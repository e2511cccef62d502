"""Mutation testing: small errors are put into the product one by one; the tests must notice (docs/mutation.md)."""
