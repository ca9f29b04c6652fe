"""The start: ten questions to a planner, and from the answers a folder that can be simulated at once.

    questions()                        the ten, each with its key, flag and default
    check_answer("aht", "260")         InputError as soon as an answer is typed
    check_folder("my.yaml")            InputError before anything is asked
    write_scenario(folder, answers)    centre.yaml, forecast.csv, staffing.csv; what is not answered is the default

It asks nobody itself (a door does) and knows no engine.
"""

from __future__ import annotations

from slasim.starter.answers import Answers, Question, check_answer, questions, read_answers
from slasim.starter.folder import check_folder, write_scenario

__all__ = [
    "Answers",
    "Question",
    "check_answer",
    "check_folder",
    "questions",
    "read_answers",
    "write_scenario",
]
