"""The files of a seeded shop are real pictures and documents."""

import hashlib
from collections import Counter
from dataclasses import replace
from io import BytesIO

from PIL import Image

from blackstart.seeding.files import SeedFile, UploadRow, draw
from blackstart.seeding.scale import SCALES, Scale


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
    """All three kinds occur, from a few kB to some 20 kB."""
    expected = {"image/png": 100, "image/jpeg": 70, "application/pdf": 30}

    assert expected == Counter(file.media_type for file in seeded_files)
    assert all(1_000 < len(file.content) < 64_000 for file in seeded_files)


def test_a_file_needs_no_other(seeded_files: list[SeedFile], small: Scale) -> None:
    """A file is the same made alone, in a shop that has only that many files."""
    assert seeded_files[6] == draw(replace(small, files=7), 42, 7)


def test_sizes_have_a_long_tail_at_large() -> None:
    """Most files are below 50 kB, one in some hundred above 1 MB, and 20,000 of them make 0.5 to 1 GB."""
    sample = [draw(SCALES["large"], 42, number) for number in range(1, 20_001, 17)]
    sizes = [len(file.content) for file in sample]

    assert len(sizes) * 0.7 < sum(size < 50_000 for size in sizes)
    assert 2 < sum(size > 1_000_000 for size in sizes) < len(sizes) / 50
    assert 0.5e9 < sum(sizes) * 17 < 1e9
    assert max(sizes) < 5_000_000


def test_long_files_open() -> None:
    """What makes a picture large is passed over by whoever shows it: a long PNG, and a JPEG longer than a comment."""
    scale = SCALES["large"]
    files = [draw(scale, 42, number) for number in range(1, 400)]
    for media_type in ("image/png", "image/jpeg"):
        longest = max((f for f in files if f.media_type == media_type), key=lambda f: len(f.content))
        with Image.open(BytesIO(longest.content)) as picture:
            picture.load()

        assert len(longest.content) > 200_000
        assert min(picture.size) >= 80


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
