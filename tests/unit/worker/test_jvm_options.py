"""What a typer's JVM is started with: a heap, and large pages where Linux has them; elsewhere Java would print a warning."""

from pathlib import Path

import pytest

from worker.typer import jvm_options

ASKED = "-XX:+UseTransparentHugePages"


@pytest.mark.parametrize(
    ("setting", "size_bytes", "asked"),
    [
        ("always [madvise] never\n", "2097152\n", True),
        ("[always] madvise never\n", "2097152\n", True),
        ("always madvise [never]\n", "2097152\n", False),
        ("always [madvise] never\n", "536870912\n", False),
        ("always [madvise] never\n", "\n", False),
    ],
)
def test_pages_follow_the_kernels_setting(tmp_path: Path, setting: str, size_bytes: str, asked: bool) -> None:
    (tmp_path / "enabled").write_text(setting)
    (tmp_path / "hpage_pmd_size").write_text(size_bytes)
    assert (ASKED in jvm_options(1000, tmp_path)) is asked


def test_a_system_without_the_setting_gets_none(tmp_path: Path) -> None:
    assert ASKED not in jvm_options(1000, tmp_path / "absent")


@pytest.mark.parametrize(
    ("memory_mb", "heap"),
    [(16_000, ("-Xmx16000m", "-Xms900m", "-Xmn300m")), (256, ("-Xmx256m", "-Xms256m", "-Xmn85m"))],
)
def test_the_heap_begins_no_larger_than_it_may_become(memory_mb: int, heap: tuple[str, ...]) -> None:
    assert jvm_options(memory_mb)[:3] == heap
