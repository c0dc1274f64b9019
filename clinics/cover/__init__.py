"""Who stands behind a patient at every moment: hours, absences, ranges of time, and changes that would leave a gap."""
