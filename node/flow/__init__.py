"""The pure steps of the flow: facts in, facts out. No input, no output, no clock, no chance."""
