"""Threads between patient and therapist; notices to people outside the pages, and the ways that they take."""

from messaging.models.channels import Channel, NoticeChoice, PushSubscription
from messaging.models.notice import Attempt, Delivery, Notice
from messaging.models.thread import Message

__all__ = ["Attempt", "Channel", "Delivery", "Message", "Notice", "NoticeChoice", "PushSubscription"]
