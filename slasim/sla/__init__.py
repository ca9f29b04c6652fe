"""What is promised, when its clock runs, and whether it was kept.

It judges an event table or counts, wherever they come from: an export of real tickets or a simulated log. No
scenario, no engine and no chance in here.

    events.py        what happened to tickets: one typed row per event; simulated.py: a simulated log as such events
    ticket_clock.py  which events start, pause and stop each of the ten metrics
    targets.py       which target applies; rules.py, levels.py: which level a ticket has
    versions.py      which version of a policy a ticket is judged by
    policy.py        all of that together, as a policy file says it
    clocks.py        the Clocks table (clocking.py is its compiled loop)
    reminders.py     who would be warned when; compliance.py: the reports; ola.py: parts against the whole
    presets.py       what known help desks mean, as field values; kinds.py: what a policy file may name
"""
