"""From a Scenario to a Draw: the only place where chance decides."""
