"""The sentences of ``decode``: what fields, quirks and broken rules mean to a technician."""

from __future__ import annotations

from typing import Final

QUIRKS: Final = {
    "binary_crc": "The check value came as two raw bytes; the answer has the same form.",
    "lowercase_hex_header": "Check value or length in lower-case hex; the standard wants upper.",
    "crc_includes_cr": "The check value was taken over the CR as well (Eldes without time stamp).",
    "length_includes_cr": "The length counts the CR as well (Eldes without time stamp).",
    "hex_sequence": "The sequence number is written in hex; it is echoed as it came.",
    "missing_line": "L is missing; the standard wants at least L0.",
    "empty_line": "L stands without a digit; it is echoed as it came.",
    "missing_header_account": "There is no #account in the header.",
    "nonstandard_account": "The account is not 3 to 16 hex digits; it is compared as text.",
    "account_mismatch": "The account in the data differs from the header's; the header's counts.",
    "no_pad_separator": "The | between pad and data is missing in the encrypted part.",
    "trailing_text": "There is text behind the data that is neither [x...] nor a time stamp.",
    "call_continues": "The call goes on in the receiver's next frame.",
    "digit_qualifier": "The qualifier is a digit; Sur-Gard sends E, R or P.",
    "long_form": "Contact ID in the printers' long form, with account and 18.",
    "missing_blanks": "Blanks between event, group and zone are missing.",
    "extra_blanks": "There are more blanks than the form has.",
    "digit_a": "The digit A was sent, which Contact ID does not have; it counts as 0.",
    "checksum_wrong": "The check digit of the long form is wrong.",
}

ENCODINGS: Final = {
    "utf-8": "Text beyond ASCII, read as UTF-8.",
    "cp1252": "Text beyond ASCII, read as Windows-1252.",
    "undecodable": "Text beyond ASCII that is neither UTF-8 nor Windows-1252.",
}

HINTS: Final = {
    "crc_wrong": "Copied by hand? Compare the bytes. From a panel: a line fault, or a sender that"
    " uses another CRC (the standard's is CRC-16/ARC).",
    "length_wrong": "Bytes are missing or were added on the way; in hex nothing gets lost.",
    "frame_incomplete": "The end is missing; paste the frame up to its CR.",
    "key_missing": "Give its key with --key-file PATH, with --ask-key, or by --config.",
    "decrypt_failed": "Wrong key, or a key in the other spelling (hex against letters).",
    "header_unreadable": 'The order is: "id" sequence R L # account, then the data in brackets.',
    "answer_misplaced": "This is what a receiver sends; it is explained, and answered by nothing.",
    "noise": "If it came from a serial line: speed, parity and stop bits of both ends.",
    "checksum_wrong": "A line fault, or an output that has another rule: then the check can be"
    " switched off among the input's options.",
    "body_unreadable": "Compare with the layout of this protocol id in the receiver's manual.",
}

FOREIGN: Final = {
    "galaxy-sia-blocks": "Honeywell Galaxy, SIA blocks over TCP without DC-09",
    "galaxy-encrypted-handshake": "Honeywell Galaxy, encrypted handshake",
    "vendor-ecoline": "Aritech Ecoline text",
    "osborne-hoffman": "Osborne-Hoffman, which looks like DC-09 and is not",
    "osborne-hoffman-heartbeat": "Osborne-Hoffman heartbeat",
    "dsc-itv2": "DSC ITv2, binary",
}

XDATA: Final = {
    "A": "authentication hash",
    "C": "supervision category",
    "G": "network path number",
    "H": "time of the event",
    "I": "text of the alarm",
    "J": "network path, or JSON",
    "K": "key exchange",
    "L": "location",
    "M": "MAC address",
    "N": "network address",
    "O": "building",
    "P": "programming data",
    "R": "room",
    "S": "site",
    "T": "what triggered it",
    "V": "links to audio, pictures, video",
    "X": "longitude",
    "Y": "latitude",
    "Z": "altitude",
}

TOKENS: Final = {
    "SIA-DCS": "events in SIA DC-03 form",
    "ADM-CID": "a Contact ID event",
    "NULL": "link test",
    "XNM": "link test with extended data",
    "ACK": "acknowledgement",
    "NAK": "refused: the time is wrong, here is ours",
    "DUH": "received, cannot be processed",
    "RSP": "acknowledgement with data",
}

MODIFIERS: Final = {
    "ri": "area",
    "id": "user",
    "pi": "peripheral device",
    "ti": "time",
    "da": "date",
    "ai": "automatic function",
    "ph": "telephone number",
    "lv": "level",
    "va": "value",
    "pt": "path",
    "rg": "route group",
    "ss": "sub-subscriber",
}

QUALIFIERS: Final = {"1": "new, or opening", "3": "restored, or closing", "6": "still present"}

FLAGS: Final = {
    "review": "an operator has to look at it",
    "qualifier_unexpected": "the table has no such direction for this code",
    "time_unreadable": "the panel's time of the event made no sense",
    "media_refused": "a link that is neither http nor https was left out",
}

SURGARD_FIELDS: Final = {
    "token": "protocol id",
    "receiver": "receiver number",
    "line": "line (line card)",
    "message_type": "Contact ID follows",
    "account": "account",
    "account_high": "high digit of the account",
    "attribute": "attribute byte of the panel",
    "qualifier": "E new or opening, R restored or closing, P still present",
    "event": "event code",
    "group": "area (group)",
    "zone": "zone or user",
    "content": "SIA data",
    "code": "event code",
    "address": "address",
    "user": "user",
    "condition": "condition",
    "was_level": "level before",
    "now_level": "level now",
    "clock": "the receiver's clock",
    "terminator": "end of the frame",
    "body": "data that is not read",
    "channels": "one character for each channel",
    "low": "channels 1 to 4",
    "high": "channels 5 to 8",
    "status": "what the call is about",
    "number": "number",
    "name": "name",
    "area": "area code",
    "pairs": "two digits an event; 09 behind one makes it a restoral",
    "digits": "digits, not divided",
    "kind": "C zone, U user",
    "blank": "blank",
    "vbyte": "check byte",
    "check": "check value",
    "date": "date, MMDDYY",
    "time": "time of day",
    "reference": "reference of the call",
    "format": "format of the panel",
    "events": "events",
    "listen_in": "listen in",
    "more": "the call goes on in the next frame",
    "argument": "which one",
    "header": "header",
    "object": "object (account)",
    "type": "kind of record",
    "fields": "fields, each | and a letter",
    "sequence": "sequence",
    "rest": "what a heartbeat says more, not read",
}

SURGARD_IDS: Final = {
    "0": "the receiver's own event",
    "1": "pulse format, or heartbeat",
    "4": "caller's number",
    "6": "Modem II",
    "8": "Ademco high speed",
    "9": "Acron super fast",
    "C": "Silent Knight FSK2",
    "D": "video downlook",
    "I": "ITI",
    "T": "Telenot",
    "U": "caller's number, international",
    "V": "VONK",
    "Y": "Surtec",
    "e": "ADT pulse extended",
    "u": "caller's name",
    "3": "SIA, one code to a frame",
    "5": "Contact ID",
    "Q": "Contact ID, account of ten digits",
    "S": "SIA, whole block",
}


def quirk(name: str) -> str:
    """Explain a quirk, also one with a value behind a colon."""
    head, _, value = name.partition(":")
    if head == "trailing_bytes":
        return f"Bytes between this frame and the next: {value}."
    if head == "non_ascii":
        return ENCODINGS.get(value, "Text beyond ASCII.")
    return QUIRKS.get(head, "A form that the standard does not have.")
