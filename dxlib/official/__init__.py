"""Official statistics: what a figure may be about, the files they are imported from, and where they are kept.

Each figure carries the day it is for (``as_of``), the vintage it was published in, and its source. A vintage is never
overwritten: a corrected figure is a row of a newer vintage, and the older one stays.
"""
