"""The sample clip that ships with the project."""

from pymediainfo import MediaInfo

from script.demo import SAMPLE


def tracks():
    return {track.track_type: track for track in MediaInfo.parse(str(SAMPLE)).tracks}


def test_it_is_under_two_megabytes():
    assert 100_000 < SAMPLE.stat().st_size < 2_000_000


def test_it_has_a_picture_and_a_sound_that_every_browser_plays():
    found = tracks()
    assert (found["Video"].format, found["Video"].width, found["Video"].height) == ("AVC", 1280, 720)
    assert found["Audio"].format == "AAC"
    assert 8_000 <= float(found["General"].duration) <= 10_000


def test_it_plays_before_it_is_loaded_to_the_end():
    data = SAMPLE.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
