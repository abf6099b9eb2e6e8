"""Reading a return as a whole: what the rules that check it say of what was read.

`reconciler` is the way in. `cells` holds what each field may say by its ink, `constraints` which
rules tie fields together, `search` finds the joint readings, `outcomes` draws the conclusions,
`suspects` notices rules that are wrong themselves. Which rules hold is asked of the rules: nothing
here knows what a line 9 is. Engines and their confidence come in from outside, as two functions.
"""
