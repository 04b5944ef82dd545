"""The files of a seeded shop are real pictures and documents."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from itertools import islice

from PIL import Image

from blackstart.seeding.files import SeedFile, UploadRow, files
from blackstart.seeding.scale import Scale


def test_files_are_distinct(seeded_files: list[SeedFile], small: Scale) -> None:
    """As many files as the scale says, no two with the same path or the same bytes."""
    assert small.files == len(seeded_files)
    assert small.files == len({file.path for file in seeded_files})
    assert small.files == len({file.content for file in seeded_files})


def test_pictures_open(seeded_files: list[SeedFile], small: Scale) -> None:
    """A picture decodes as what its media type says and belongs to a product."""
    for file in seeded_files:
        if file.media_type == "application/pdf":
            continue
        with Image.open(BytesIO(file.content)) as picture:
            picture.load()

            assert file.media_type == f"image/{str(picture.format).lower()}"
        assert file.path.startswith("products/seed-")
        assert file.product_id in range(1, small.products + 1)


def test_documents_are_pdf(seeded_files: list[SeedFile]) -> None:
    """A document starts and ends as a PDF does and belongs to no product."""
    documents = [file for file in seeded_files if file.media_type == "application/pdf"]

    assert documents
    for number, document in enumerate(documents, start=1):
        assert document.path == f"documents/invoice-{number:06d}.pdf"
        assert document.content.startswith(b"%PDF-")
        assert document.content.rstrip().endswith(b"%%EOF")
        assert document.product_id is None


def test_kinds_and_sizes_are_mixed(seeded_files: list[SeedFile]) -> None:
    """All three kinds occur, from a few kB to some 10 kB."""
    expected = {"image/png": 100, "image/jpeg": 70, "application/pdf": 30}

    assert expected == Counter(file.media_type for file in seeded_files)
    assert all(1_000 < len(file.content) < 64_000 for file in seeded_files)


def test_files_are_made_when_asked_for(seeded_files: list[SeedFile], small: Scale) -> None:
    """The first files need not the rest, and are the same without it."""
    lazy = files(small, 42)

    assert isinstance(lazy, Iterator)
    assert seeded_files[:7] == list(islice(lazy, 7))


def test_upload_row_describes_its_file(seeded_files: list[SeedFile]) -> None:
    """An upload's row has the file's size and SHA-256, and not its content."""
    file = seeded_files[0]

    expected = UploadRow(
        path=file.path,
        media_type=file.media_type,
        bytes=len(file.content),
        sha256=hashlib.sha256(file.content).digest(),
        product_id=file.product_id,
    )

    assert expected == UploadRow.of(file)
