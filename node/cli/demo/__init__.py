"""`comity demo`: a whole federation on one machine, playing a case from files.

The rules:

* Everything that is shown comes out of real processes with real mutual TLS, their own keys and databases;
  nothing about hits, decisions or articles is written down here.
* Officers' keys exist in the folder `officers` and in this process only, never in a node's home.
* Selector values and contents of answers are never shown or reported, only kinds, categories and articles.
* Each step is repeatable: ids are derived from one seed, waits are for conditions, and a process that dies
  is started again, so the story goes on.
"""
