"""The few bytes of a signed file that its signature does not cover: the signature itself.

A reader forgives what stands there beyond the signature's own bits: zeros behind it, capitals for small
hexadecimal letters, certificates that nobody needs. So a file could be changed without a change of what it
says. That harms nobody, but "not one byte was changed" is what the check promises, and what people try.
"""

from __future__ import annotations

import re

from asn1crypto import cms, core

_HEX = re.compile(rb"<(?:[0-9a-f]+|[0-9A-F]+)>")
_STAMP = "signature_time_stamp_token"


def is_strict(gap: bytes, path: set[bytes], stamp_path: set[bytes] | None) -> bool:
    """Is the gap of the signed ranges nothing but one signature in its one right form?

    `gap` is what lies between the two signed ranges, brackets and all. `path` are the certificates (DER)
    through which the signer is trusted, `stamp_path` those of its time stamp; None where nobody vouches
    for the stamp: then of that only the form is looked at. Raises ValueError on what is no CMS at all.
    """
    if _HEX.fullmatch(gap) is None:
        return False
    content = bytes.fromhex(gap[1:-1].decode())
    info = cms.ContentInfo.load(content)
    if content[len(info.dump()) :].strip(b"\0") or not _is_der(info.dump()) or not _no_more(info):
        return False
    signed = info["content"]
    return _plain(signed, path) and all(
        _no_more(stamp) and _plain(stamp["content"], stamp_path) for stamp in _stamps(signed)
    )


def _plain(signed: cms.SignedData, path: set[bytes] | None) -> bool:
    """One signer, its own algorithm, no certificate beyond the path, nothing else that is not signed."""
    if len(signed["signer_infos"]) != 1 or len(signed["digest_algorithms"]) != 1:
        return False
    signer = signed["signer_infos"][0]
    if not (_no_more(signed) and _no_more(signer)):
        return False
    around = "v1" if signed["encap_content_info"]["content_type"].native == "data" else "v3"
    certificates = [choice.chosen for choice in signed["certificates"]]
    carried = [certificate.dump() for certificate in certificates]
    # Names are compared without regard to capitals elsewhere; here the signer is named as he is written.
    named = {
        cms.IssuerAndSerialNumber({"issuer": one.issuer, "serial_number": one.serial_number}).dump()
        for one in certificates
    }
    return (
        (signed["version"].native, signer["version"].native) == (around, "v1")
        and signer["sid"].chosen.dump() in named
        and signed["digest_algorithms"][0].dump() == signer["digest_algorithm"].dump()
        and signer["digest_algorithm"]["parameters"].native is None
        and signer["signature_algorithm"]["parameters"].dump() in (b"", b"\x05\x00")
        and not signed["crls"]
        and len(set(carried)) == len(carried)
        and (path is None or set(carried) <= path)
        and {attribute["type"].native for attribute in signer["unsigned_attrs"]} <= {_STAMP}
    )


def _stamps(signed: cms.SignedData) -> list[cms.ContentInfo]:
    attributes = signed["signer_infos"][0]["unsigned_attrs"]
    return [stamp for attribute in attributes for stamp in attribute["values"]]


def _no_more(whole: core.Sequence) -> bool:
    """Is nothing in it but its own fields? A reader passes over what stands behind them."""
    fields = {name: whole[name] for name in whole if not isinstance(whole[name], core.Void)}
    return bool(type(whole)(fields).untag().dump() == whole.untag().dump())


def _is_der(content: bytes) -> bool:
    """Are lengths written in their one shortest form, and do parts fill their wholes? (X.690, 10.1)"""
    place = 0
    while place < len(content):
        if content[place] == 0:  # the end of what has no length, which DER does not have
            return False
        constructed, place = content[place] & 0x20, place + 1
        if place >= len(content):
            return False
        length, place = content[place], place + 1
        if length >= 0x80:
            digits, place = content[place : place + length - 0x80], place + length - 0x80
            length = int.from_bytes(digits, "big")
            if not digits or digits[0] == 0 or length < 0x80:
                return False
        inside, place = content[place : place + length], place + length
        if place > len(content) or (constructed and not _is_der(inside)):
            return False
    return True
