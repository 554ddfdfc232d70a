"""A national team's node: its selectors, its decisions, its hits, its channels.

The folders import downwards only: `cli` and `bootstrap` put things together; `rpc`, `gateways` and
`adapters` touch the world; `service` holds one use case a function, one transaction each; `ports`
say what is needed; `records` say what is kept; `flow` holds the pure steps.
"""
