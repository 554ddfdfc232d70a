"""Anti-money-laundering law: Directive (EU) 2015/849, and Regulation (EU) 2024/1624 from 10 July 2027."""
