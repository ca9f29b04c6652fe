"""The planner: what may be signed, with which chance, at what price, with which clauses.

    recommend(scenario)   -> Recommendation

It simulates through `study` and judges through `sla`; it draws nothing itself and shows nothing.
"""
