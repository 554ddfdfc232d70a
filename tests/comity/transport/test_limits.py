"""Every message and every field of the protocol has a limit, and the limits bite."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.empty_pb2 import Empty

import comity.v1
from comity.errors import Malformed
from comity.transport.limits import Choice, Flag, Many, Number, Octets, Part, Rule, Table, Text, check, limits
from comity.v1 import broker_pb2, channel_pb2, envelope_pb2, feed_pb2, operator_pb2, pseudonym_pb2


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(comity.v1.__path__):
        if module.name.endswith("_pb2"):
            yield importlib.import_module(f"comity.v1.{module.name}")


def _messages() -> Iterator[Descriptor]:
    for module in _modules():
        yield from module.DESCRIPTOR.message_types_by_name.values()


MESSAGES = {descriptor.full_name: descriptor for descriptor in _messages()}
_FORMS: dict[int, type] = {
    FieldDescriptor.TYPE_BYTES: Octets,
    FieldDescriptor.TYPE_STRING: Text,
    FieldDescriptor.TYPE_BOOL: Flag,
    FieldDescriptor.TYPE_ENUM: Choice,
    FieldDescriptor.TYPE_MESSAGE: Part,
}


def _fits(field: FieldDescriptor, rule: Rule) -> bool:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return isinstance(rule, Table)
    if field.is_repeated:
        return isinstance(rule, Many) and isinstance(rule.rule, _FORMS.get(field.type, Number))
    return isinstance(rule, _FORMS.get(field.type, Number))


def test_the_protocol_has_messages_to_limit() -> None:
    assert len(MESSAGES) > 50


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_every_field_has_a_limit_of_its_own_type(name: str) -> None:
    entry = limits().of(name)
    assert sorted(entry) == sorted(MESSAGES[name].fields_by_name)
    for field in MESSAGES[name].fields:
        assert _fits(field, entry[field.name]), field.name


def test_the_table_names_no_message_that_does_not_exist() -> None:
    assert set(limits().entries) == set(MESSAGES)


def test_a_message_without_an_entry_is_refused() -> None:
    with pytest.raises(Malformed, match="not known"):
        check(Empty())


def _box() -> envelope_pb2.SealedBox:
    return envelope_pb2.SealedBox(
        key_id=bytes(16), wrapped_key=bytes(1168), nonce=bytes(24), ciphertext=bytes(64)
    )


def test_a_well_formed_mail_passes() -> None:
    check(broker_pb2.PutRequest(recipient="it", mail=bytes(16), sealed=_box()))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recipient": "IT"}, "recipient"),
        ({"recipient": ""}, "recipient"),
        ({"recipient": "it\n"}, "recipient"),
        ({"recipient": "x" * 33}, "recipient"),
        ({"mail": bytes(15)}, "mail"),
        ({"mail": bytes(17)}, "mail"),
        ({"sealed": None}, "sealed"),
        ({"sealed": envelope_pb2.SealedBox()}, "sealed.key_id"),
    ],
)
def test_a_mail_outside_its_limits_is_refused_by_the_name_of_its_field(
    change: dict[str, object], field: str
) -> None:
    values: dict[str, object] = {"recipient": "it", "mail": bytes(16), "sealed": _box()} | change
    with pytest.raises(Malformed) as refused:
        check(broker_pb2.PutRequest(**values))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_batch_of_a_thousand_and_one_elements_is_refused() -> None:
    batch = pseudonym_pb2.EvaluationBatch(
        batch=bytes(16), purpose="thb", kind="phone", blinded=bytes(32 * 1_000), opening_root=bytes(32)
    )
    check(batch)
    batch.blinded += bytes(32)
    with pytest.raises(Malformed, match="bytes"):
        check(batch)


def test_half_an_element_is_refused() -> None:
    batch = pseudonym_pb2.EvaluationBatch(batch=bytes(16), purpose="thb", kind="phone", blinded=bytes(48))
    with pytest.raises(Malformed, match="multiple of 32"):
        check(batch)


def test_the_path_of_a_fault_inside_a_list_names_its_place() -> None:
    envelope = envelope_pb2.Envelope(header=b"h", payload=b"p")
    envelope.signatures.add(key_id=bytes(16), signature=bytes(64))
    envelope.signatures.add(key_id=bytes(16), signature=bytes(63))
    with pytest.raises(Malformed) as refused:
        check(envelope)
    assert refused.value.field == "signatures[1].signature"


def test_a_text_with_a_control_character_is_refused() -> None:
    message = channel_pb2.ChannelMessage(id=bytes(16), text="line one\nline two\tends")
    check(message)
    message.text = "a\x1b[2Jb"
    with pytest.raises(Malformed):
        check(message)


def test_a_text_that_turns_the_reading_direction_is_refused() -> None:
    with pytest.raises(Malformed):
        check(channel_pb2.ChannelMessage(id=bytes(16), text="invoice\u202efdp.exe"))


def test_the_words_of_a_refusal_hold_nothing_of_the_value() -> None:
    with pytest.raises(Malformed) as refused:
        check(channel_pb2.ChannelTask(id=bytes(16), assignee="+31612345678"))
    assert "31612345678" not in str(refused.value)


def test_maps_are_limited_in_keys_and_values() -> None:
    change = channel_pb2.MembersChange(last_sequence={"nl": 3})
    check(change)
    change.last_sequence["NL"] = 1
    with pytest.raises(Malformed):
        check(change)


def test_only_the_chosen_outcome_of_a_choice_is_looked_at() -> None:
    check(operator_pb2.RunResponse(result=b"{}"))


def test_an_unknown_field_of_a_newer_version_passes() -> None:
    request = feed_pb2.PullRequest.FromString(
        feed_pb2.PullRequest(after=1).SerializeToString() + b"\xfa\x01\x01x"
    )
    check(request)
    assert request.after == 1


def test_a_table_with_too_many_entries_is_refused() -> None:
    change = channel_pb2.MembersChange(earlier_keys=dict.fromkeys(range(1001), b"k"))
    with pytest.raises(Malformed, match="entries"):
        check(change)
