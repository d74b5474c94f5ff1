"""From the record back to states, parameters and hypotheses.

`filtering`: a bootstrap particle filter on the engine; `evidence`: what it says of hypotheses;
`tempering`: sequential Monte Carlo over parameters; `posterior`: the files.
"""
