"""The upstream code that this package replaces or leans on is the code it was made for.

When one of these fails after an upgrade: read what changed upstream, check the module of
ours that is named, run the tests that show the stock defects (they say whether a patch
is still needed), and only then put in the new hash, which the failure shows.
"""

import hashlib
import importlib
import inspect
from importlib.metadata import version
from typing import Any

import pytest

VERSIONS = {
    "aiokafka": "0.14.0",
    "faust-streaming": "0.15.3",
    "mode-streaming": "0.7.1",
    "rocksdict": "0.3.29",
}

# Our module: what it replaces or reaches into, and the start of the source's SHA-256.
PINNED = {
    "consumer.py, offsets.py": {
        "faust.transport.consumer:Consumer._add_gap": "4df2573ded7c1c2c",
        "faust.transport.consumer:Consumer._commit_offsets": "1a69799041188441",
        "faust.transport.consumer:Consumer._drain_messages": "44a2500309e83c63",
        "faust.transport.consumer:Consumer._filter_committable_offsets": "dc5e9baf5d994485",
        "faust.transport.consumer:Consumer._filter_tps_with_pending_acks": "f6f9239774234e7e",
        "faust.transport.consumer:Consumer._new_offset": "1d2c7ea89a7ad4f1",
        "faust.transport.consumer:Consumer._should_commit": "5ce941793947ad42",
        "faust.transport.consumer:Consumer._wait_next_records": "6218e1969a636b3f",
        "faust.transport.consumer:Consumer.ack": "5fcf41cf45153475",
        "faust.transport.consumer:Consumer.force_commit": "cc094614d22c70fb",
        "faust.transport.consumer:Consumer.getmany": "4b168d84882a70d6",
        "faust.transport.consumer:Consumer.on_partitions_assigned": "29ce96596f05a18c",
        "faust.transport.consumer:Consumer.on_partitions_revoked": "d04b7ae72c6fc206",
        "faust.transport.consumer:Consumer.pause_partitions": "27a1c94bdacd54de",
        "faust.transport.consumer:Consumer.perform_seek": "0e8c130ff4b0afd8",
        "faust.transport.consumer:Consumer.resume_partitions": "afe6b7c02a41d63c",
        "faust.transport.consumer:Consumer.seek": "b86a9fe05f956b30",
        "faust.transport.consumer:Consumer.wait_empty": "e4662fe24f094819",
        "faust.transport.consumer:ThreadDelegateConsumer": "a1b934b198fae1c0",
        "faust.transport.conductor:Conductor": "56ed932b0cf415df",
        "faust.transport.drivers.aiokafka:Consumer": "959f899e8ebfdd56",
        "faust.transport.drivers.aiokafka:ConsumerRebalanceListener": "f3d04f29dfb3f716",
        "faust.transport.base:Transport": "0b345940700ef976",
        "mode.utils.queues:FlowControlEvent": "1da8f905ab655e39",
        "mode.utils.queues:FlowControlQueue": "15f15a87fd6de428",
        "mode.utils.queues:ThrowableQueue": "44872deb65478e1f",
    },
    "intake.py": {
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread": "8ca70be32815c1d0",
        "aiokafka.consumer.fetcher:FetchResult": "d7db13f06de8248c",
        "aiokafka.consumer.fetcher:Fetcher._create_fetch_waiter": "61d840568746477e",
        "aiokafka.consumer.fetcher:Fetcher.fetched_records": "be4348896b9b66af",
        "aiokafka.consumer.group_coordinator:GroupCoordinator._do_heartbeat": "dc1d6632aaa68e96",
        "aiokafka.consumer.group_coordinator:GroupCoordinator._heartbeat_routine": "61d01028952239d0",
        "aiokafka.consumer.group_coordinator:GroupCoordinator._on_join_prepare": "4d9524afc0ee2c2f",
        "aiokafka.consumer.subscription_state:Assignment": "ce6859542c70a3d4",
        "aiokafka.consumer.subscription_state:SubscriptionState": "387f8a497901966d",
        "aiokafka.consumer.subscription_state:TopicPartitionState": "2b83334afadf6d98",
    },
    "recovery.py": {
        "faust.tables.recovery:Recovery": "a652ef029484ee3a",
        "faust.tables.manager:TableManager": "f6eed12883a36a91",
    },
    "store.py, table.py": {
        "faust.stores.rocksdb:Store": "062f48be75e112d1",
        "faust.tables.table:Table": "31e63b05412c72d9",
        "faust.tables.base:Collection.__init__": "95568fc09c76d006",
        "faust.tables.base:Collection._new_store": "914a2bda605d38f5",
        "faust.tables.base:Collection.on_rebalance": "0812ad692171a8fd",
    },
    "producer.py": {
        "aiokafka.partitioner:DefaultPartitioner": "37af0b3aa6871f16",
        "aiokafka.partitioner:murmur2": "62179ca184949379",
        "aiokafka.producer.message_accumulator:BatchBuilder": "8050802ca7514186",
        "aiokafka.producer.message_accumulator:MessageAccumulator": "562530971ca9bd19",
        "aiokafka.producer.producer:AIOKafkaProducer.create_batch": "c4efda4bb7a09741",
        "aiokafka.producer.producer:AIOKafkaProducer.send_batch": "bf42b0f0c5c0646d",
        "aiokafka.producer.sender:SendProduceReqHandler": "708c9da866caf440",
        "faust.transport.drivers.aiokafka:credentials_to_aiokafka_auth": "364c9c9c68523c50",
    },
    "lease.py": {
        "aiokafka.client:AIOKafkaClient.send": "246b277687d7b687",
        "aiokafka.client:AIOKafkaClient.ready": "79d9637f40fc070e",
        "aiokafka.producer.sender:BaseHandler.do": "1106439a38fe7943",
        "aiokafka.producer.sender:Sender.close": "f60b3d023d2526f4",
        "aiokafka.producer.producer:AIOKafkaProducer.stop": "43ef97147111893b",
    },
    "patience.py": {
        "aiokafka.client:AIOKafkaClient._metadata_update": "06dc51ed3e0d38b8",
        "aiokafka.client:AIOKafkaClient._md_synchronizer": "e0421bffa9a7735a",
        "aiokafka.producer.sender:Sender._sender_routine": "2380dc5e333d9ebd",
    },
    "app.py, exits.py": {
        "faust.app.base:App._on_partitions_assigned": "de932b7927db85b3",
        "faust.app.base:App._on_partitions_revoked": "d5c895bbe57dc73a",
        "faust.app.base:App._stop_consumer": "55854a5de12c3f52",
        "faust.app.base:App.on_init_dependencies": "7621a70a9b01f93f",
        "faust.app.base:App.on_stop": "bfe5a933defb2324",
        "mode.services:Service._crash": "7bc0c709a151d556",
        "mode.services:Service.crash": "14980000465df0af",
        "mode.services:Service.stop": "e17cd2b6bd01e861",
    },
}

PLACES = [
    pytest.param(ours, name, digest, id=name)
    for ours, names in PINNED.items()
    for name, digest in names.items()
]


def source_of(name: str) -> str:
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return inspect.getsource(inspect.unwrap(found))


@pytest.mark.parametrize(("ours", "name", "digest"), PLACES)
def test_upstream_code_is_as_it_was(ours: str, name: str, digest: str) -> None:
    """A change here needs a look at our module before anything else."""
    found = hashlib.sha256(source_of(name).encode()).hexdigest()[:16]

    assert found == digest, f"{name} has changed: check {ours}"


@pytest.mark.parametrize(("package", "pinned"), VERSIONS.items())
def test_versions_are_pinned(package: str, pinned: str) -> None:
    """Compiled parts have no source to compare: their version stands for them."""
    assert version(package) == pinned
