"""The broker: a mailbox for sealed mail, a copy of the roster, and a witness of logs. It reads nothing.

Trusted for: passing mail on, once, and not losing what it confirmed; and, as one witness among others, for
never cosigning two histories of one log. Whoever takes it over can at most delay, drop and count mail,
and see who writes to whom, when and how much. It holds no share of any key, no selector, no pseudonym.

From outside in: `cli` puts together, `rpc` speaks gRPC, `service` decides, `store` remembers. Of the
protocol it uses the roster, the log's checkpoints and the transport; it imports neither `node`,
`policy` nor `comity.selector`.
"""
