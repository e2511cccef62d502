"""From newtons and words to guidance and memory.

`feedback` knows no port and no screen: force arrives as `ForceBlock`, words as `Report`, time is always handed in.
"""
