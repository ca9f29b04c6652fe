"""Outcome: from ContactLogs to counts, from counts to ranges, from ranges to chances."""
