"""View models as an engine would make them, so that pages can be tried without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from decision.console import views as v

T0 = datetime(2026, 11, 20, 6, 12, 40, tzinfo=UTC)
BURGLARY = v.Severity(rank=6, word="BURGLARY, VERIFIED", level="high")
FIRE = v.Severity(rank=1, word="LIFE SAFETY", level="critical")


def queue() -> tuple[v.QueueRow, ...]:
    def row(**more) -> v.QueueRow:
        defaults = {"state": "OPEN", "area": "Stockroom", "address": "18 Water Street, Saint John"}
        return v.QueueRow(**{**defaults, **more})

    return (
        row(id="e1", severity=FIRE, title="Fire alarm, kitchen", site="Harbour Inn",
            area="Kitchen", area_class="SECURED", opened_at=T0 + timedelta(seconds=170),
            asked="Ask for the fire service now", due=T0 + timedelta(seconds=260)),
        row(id="e2", severity=v.Severity(rank=3, word="HOLD-UP", level="critical"),
            title="Hold-up alarm, counter 2", site="Fundy Credit Union", area="Counter hall",
            area_class="COMMON", opened_at=T0 + timedelta(seconds=60), asked="Ask for police now",
            holder="Mara Lind"),
        row(id="e3", severity=BURGLARY, title="Burglary alarm, stockroom", site="Kestrel Tools",
            area_class="SECURED", opened_at=T0, asked="Threat level of what you heard?",
            due=T0 + timedelta(seconds=240), holder="Mara Lind"),
        row(id="e4", severity=v.Severity(rank=7, word="BURGLARY", level="medium"),
            title="Burglary alarm, loading bay", site="Brunswick Paper", area="Loading bay",
            area_class="UNSECURED", opened_at=T0 - timedelta(minutes=14), state="DISPATCHED",
            asked="Tell the contacts what was done"),
        row(id="e5", severity=v.Severity(rank=7, word="BURGLARY", level="medium"),
            title="Burglary alarm, lobby", site="King Street Arcade", area="Lobby",
            area_class="UNKNOWN", opened_at=T0 - timedelta(minutes=21),
            asked="Classify the area first", flags=("SUSPENDED", "SUPERVISOR ASKED")),
    )  # fmt: skip


def incident(**more) -> v.Incident:
    at = T0 + timedelta(seconds=20)
    question = v.Question(
        token="THREAT.7",
        step="Audio: threat level",
        text="What did you hear a person do?",
        help="A person talking or walking is TL2. Breaking, forcing, tools, threats or a cry for "
        "help is TL3. If you tried and cannot settle it, say so: it is treated as TL2.",
        rules=("PPVAR-3.19", "PPVAR-5.1", "AMB-P11"),
        answers=(
            v.Answer(key="1", token="TL3", label="TL3: suspicious or criminal activity",
                     detail="Police are asked for at once; contacts are told afterwards",
                     tone="danger"),
            v.Answer(key="2", token="TL2", label="TL2: a person, nothing suspicious",
                     detail="Open the audio again, then verify", tone="caution"),
            v.Answer(key="3", token="TL1", label="TL1: no person", detail="The incident can close",
                     tone="good"),
            v.Answer(key="4", token="CANNOT_SETTLE", label="A person; the level is unsettled",
                     detail="Treated as TL2"),
        ),
        fields=(v.Field(name="heard", label="What you heard, in plain words", is_required=True,
                        hint="Goes to the police as you write it.", is_long=True),),
        needs_audio=True,
        due=T0 + timedelta(seconds=240),
    )  # fmt: skip
    values = {
        "id": "e3", "severity": BURGLARY, "title": "Burglary alarm, stockroom",
        "what": "Motion sensor and audio switch in the stockroom, 16 s apart. The site was armed "
        "away by user 4 at 21:04.",
        "state": "OPEN", "state_words": "Open. Nobody has been asked for yet.",
        "path": (("Alarm", "done"), ("Listen", "done"), ("Assess", "now"), ("Verify", "to_come"),
                 ("Dispatch", "to_come"), ("Contacts told", "to_come"), ("Ended", "to_come")),
        "opened_at": T0, "due": None, "response_mode": "STANDARD", "threat_level": "",
        "place": v.Place(
            site="Kestrel Tools", address="18 Water Street, Saint John NB E2L 2B3",
            premise="Company", jurisdiction="Saint John Police Force",
            area="Stockroom", area_class="SECURED",
            area_meaning="A TL2 that cannot be verified here must be dispatched.",
            armed="Away, since 21:04 by user 4 (J. Roy)",
            zones=(v.Line(label="Zone 12", text="Motion, north aisle, by the roller door"),
                   v.Line(label="Zone 14", text="Audio switch, stockroom north")),
            microphones=(v.Line(label="Stockroom N", text="Above the roller door; hears the north "
                                "aisle and the dock, not the office behind glass"),)),
        "instructions": (v.Line(label="", text="Cleaner works until 02:30 on Fridays: passphrase, "
                                "then ask for the supervisor's name."),),
        "is_instructions_reviewed": True,
        "links": (v.Link(label="Clip 1, 14 s", url="https://a.example/1", kind="audio", is_opened=True),
                  v.Link(label="Clip 2, 20 s", url="https://clips.example/2", kind="audio"),
                  v.Link(label="Live: Stockroom N", url="https://live.example/n", kind="live"),
                  v.Link(label="Camera: dock", url="https://cam.example/d", kind="camera")),
        "evidence": (v.Line(label="Arm state", text="armed away at the alarm"),
                     v.Line(label="Two sensors", text="zones 12 and 14 within 16 s")),
        "question": question,
        "contacts": (
            v.Contact(id="a", name="Jeanne Roy", role="Owner", phone="+1 506 555 0142",
                      is_authorised=True, is_key_holder=True,
                      attempts=(v.Attempt(at=at, result="no answer"),), state="1 of 2 tried"),
            v.Contact(id="b", name="Paul Doiron", role="Store manager", phone="+1 506 555 0187",
                      is_authorised=True, is_key_holder=True, is_next=True),
            v.Contact(id="c", name="Front desk", role="Site phone", phone="+1 506 555 0100",
                      is_authorised=False, is_key_holder=False, state="not tried"),
        ),
        "dispatch": v.Dispatch(state="not_asked", headline=""),
        "message": None, "responder": None,
        "timeline": (
            v.Event(seq=1, at=T0, who="gateway", text="Burglary alarm, zone 12 (motion)",
                    detail="Contact ID 1 130 01 012", kind="alarm", rules=("XS-12",)),
            v.Event(seq=2, at=T0 + timedelta(seconds=16), who="gateway",
                    text="Audio alarm, zone 14 joined", kind="alarm", rules=("XS-12",)),
            v.Event(seq=3, at=at, who="Mara Lind", text="Special instructions reviewed",
                    kind="operator", rules=("PPVAR-6.1.1",)),
            v.Event(seq=4, at=at + timedelta(seconds=9), who="Mara Lind",
                    text="Clip 1 heard: discernible", kind="operator", rules=("PPVAR-6.2.1.2",)),
            v.Event(seq=5, at=at + timedelta(seconds=15), who="core",
                    text="Human activity: threat level is asked", kind="decision",
                    rules=("PPVAR-6.2.1.2.1",)),
        ),
        "more": (v.Answer(key="r", token="resolve", label="The customer resolves the alarm",
                          detail="Ends the incident", tone="good"),
                 v.Answer(key="x", token="manual", label="The customer asks for police",
                          tone="danger"),
                 v.Answer(key="n", token="note", label="Keep as a note")),
        "seq": 7,
    }  # fmt: skip
    return v.Incident(**{**values, **more})


def suspended() -> v.Incident:
    return incident(
        question=None,
        state_words="Police are not asked: the site is suspended. Send the guard.",
        threat_level="TL2",
        dispatch=v.Dispatch(
            state="blocked",
            headline="Police will not respond to burglar alarms here.",
            reason="TL2_SECURED_UNVERIFIED",
            rules=("PPVAR-6.2.2.2.2.2.1", "XS-5"),
            warnings=(
                v.Warning_(gate="BLOCK", title="Suspended since 2026-06-24",
                           text="Response to burglar alarms from this address is suspended until "
                           "it is reinstated.", rules=("SJ-C2c-i", "XS-5")),
                v.Warning_(gate="WARN", title="$100.00 if police come and it is false",
                           text="A request now is a post-suspension request. If it is accepted "
                           "and found false, $100.00 is invoiced.", rules=("SJ-C1b", "SJ-$1")),
                v.Warning_(gate="WARN", title="No key holder on the way",
                           text="None has been confirmed present or en route.", rules=("DISP-J3",)),
            ),
            answers=(
                v.Answer(key="d", token="alternate", label="Send the guard and tell the customer",
                         detail="Fundy Guard, 24 h, +1 506 555 0111", tone="good"),
                v.Answer(key="o", token="override", label="Ask police all the same",
                         detail="Supervisor, or the customer's own request", tone="danger"),
            ),
            can_override=True,
        ),
        message=v.Message(
            lines=(v.Line(label="Site", text="Kestrel Tools, 18 Water Street, Saint John"),
                   v.Line(label="Alarm", text="Burglar alarm, stockroom (SECURED), zone 12 motion"),
                   v.Line(label="Heard", text="Footsteps and speech at microphone Stockroom N"),
                   v.Line(label="Verification", text="Live listening 02:13; no video; site phone "
                          "unanswered; two contacts called twice each, unanswered"),
                   v.Line(label="Level", text="2: a person is present, intent not known")),
            audio_reference=True,
        ),
        responder=v.Responder(
            name="Saint John PSCC", number="26-104417", status="requested, no answer yet",
            said=(v.Said(at=T0, is_ours=True, kind="request", text="Burglar alarm, stockroom"),
                  v.Said(at=T0 + timedelta(seconds=30), is_ours=False, kind="accepted",
                         text="Event 26-104417")),
            answers=(v.Answer(key="1", token="accepted", label="Accepted"),
                     v.Answer(key="2", token="rejected", label="Rejected", tone="danger")),
        ),
    )  # fmt: skip
