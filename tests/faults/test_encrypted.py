"""Nothing of an encrypted profile is readable without its key."""

import pytest

pytest.importorskip("sqlcipher3", reason="needs: pip install 'memcli[encryption]'")


def test_no_text_stands_in_the_clear(tmp_path):
    """Before it was encrypted all of them did."""
    from encrypted import figures

    [figure] = figures(tmp_path, 0.1)
    assert (figure.failed, figure.problems) == (0, ())
    assert figure.tried == 80
    assert figure.note.startswith("40 of 40")
