"""How much of a therapist's week the alarms take, in a simulated region. `make alarm-load`.

Nothing here reads the rules that it tests: it sends what patients would send, lets the sweeps do their work, answers
flags as a clinician would, and counts (tests/alarm_load/test_alarm_load.py holds it to that).
"""
