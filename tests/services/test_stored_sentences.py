"""Sentences are stored so that they can be translated later, and hold no secret."""

from __future__ import annotations

from platforms.errors import LoginExpired
from platforms.services import events, progress
from platforms.values import gettext_noop, say

RECONNECT = gettext_noop("Youku no longer accepts the refresh token: a person has to connect the account again.")


def test_a_message_id_about_tokens_is_stored_to_the_letter():
    assert progress.as_error(LoginExpired(say(RECONNECT)))["text"] == RECONNECT
    assert progress.stored_error("LoginExpired", say(RECONNECT))["text"] == RECONNECT


def test_a_secret_in_a_value_of_a_sentence_is_not_stored():
    stored = events.stored(say("The platform says: %(words)s", words="bad access_token=abcdef123456"))
    assert "abcdef123456" not in str(stored)
