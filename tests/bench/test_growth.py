"""The promises about growth: which figures break them."""

from dataclasses import replace

from bench.call_recorder import Bill
from bench.export_memory import Export, Run
from bench.growth import Growth, Page, broken

PAGE = Page(bill=Bill(read_units=5), raw=23_000, gzip=7_000, time=10.0)
RUN = Run(seconds=1, peak=400_000)
EXPORT = Export(export=RUN, unseal=RUN, file_bytes=1, queries=256, read_units=128)
KEPT = Growth(
    by_tally={0: PAGE, 1000: replace(PAGE, time=11.0)},
    by_stored={0: PAGE, 1000: PAGE},
    files={1000: EXPORT},
)


def test_figures_that_stay_the_same_keep_every_promise() -> None:
    assert broken(KEPT) == []


def test_a_page_that_grows_in_any_way_breaks_a_promise() -> None:
    worse = (
        replace(PAGE, bill=Bill(read_units=6)),
        replace(PAGE, raw=24_000),
    )

    for page in worse:
        assert len(broken(replace(KEPT, by_stored={0: PAGE, 1000: page}))) == 1


def test_time_alone_breaks_no_promise() -> None:
    assert broken(replace(KEPT, by_stored={0: PAGE, 1000: replace(PAGE, time=14.0)})) == []


def test_an_export_that_fills_the_memory_breaks_a_promise() -> None:
    heavy = replace(EXPORT, unseal=replace(RUN, peak=9 * 1024**2))

    assert len(broken(replace(KEPT, files={1000: EXPORT, 2000: heavy}))) == 1
