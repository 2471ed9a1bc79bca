"""QR codes of addresses."""


def svg(address: str) -> str:
    """The QR code of an address as an SVG element, on a white ground for dark pages.

    Error correction M (ISO/IEC 18004): 15 % of it may be damaged.
    """
    # Imported here: most pages have no QR code.
    import segno  # noqa: PLC0415

    code = segno.make_qr(address, error="m")
    return code.svg_inline(omitsize=True, border=3, light="#fff", svgclass=None, lineclass=None)
