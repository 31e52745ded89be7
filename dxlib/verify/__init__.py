"""Everything a warehouse and its reports claim, proved again: from the raw files, in plain Python, writing nothing.

A check says what it proved and how often, or names each place where it does not hold, what stands there, and what to do. The
raw files are opened anew; numbers are computed anew from the rows they rest on, in fractions, by other code than the SQL that
made them. `dxlib.verify.run` runs all of it.
"""
