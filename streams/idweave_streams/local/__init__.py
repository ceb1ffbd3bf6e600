"""The whole pipeline in one process, without Kafka: small back-fills and what-if."""

from idweave_streams.local.engine import LocalEngine, Start
from idweave_streams.local.log import LocalLog

__all__ = ["LocalEngine", "LocalLog", "Start"]
