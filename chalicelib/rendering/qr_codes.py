"""QR codes: an address that a telephone reads from paper or from another screen."""


def svg(address: str) -> str:
    """An address as an SVG element with its own white ground, so that dark pages do not hide it.

    Error correction M (ISO/IEC 18004): a seventh of it may be torn or dirty.
    """
    # Imported here: most pages have none.
    import segno  # noqa: PLC0415

    code = segno.make_qr(address, error="m")
    return code.svg_inline(omitsize=True, border=3, light="#fff", svgclass=None, lineclass=None)
