"""Swedish forms of dates and times where Django's differ from the writing rules: 14.20, 9 november."""

from __future__ import annotations

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H.i"
DATETIME_FORMAT = "j F Y H.i"
SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d H.i"
MONTH_DAY_FORMAT = "j F"
FIRST_DAY_OF_WEEK = 1
