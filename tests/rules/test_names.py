"""What the package offers by name, from wherever it is at home."""

import pytest

import model


def test_every_name_is_there_and_no_other() -> None:
    assert dir(model) == sorted(model.__all__)
    assert len(set(model.__all__)) == len(model.__all__)
    assert all(
        getattr(model, name).__name__ == name for name in model.__all__ if name[1:2].islower()
    )
    with pytest.raises(AttributeError, match=r"^module 'model' has no attribute 'Producer'$"):
        _ = model.Producer  # type: ignore[attr-defined]
