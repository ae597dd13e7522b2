"""Sends chat spans of the service `bot` as a Python application would: send_spans.py HTTP|gRPC ENDPOINT SPANS BATCH"""

import sys

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, endpoint, spans, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if protocol == "gRPC":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=True)
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=endpoint)

provider = TracerProvider(resource=Resource.create({"service.name": "bot"}))
provider.add_span_processor(BatchSpanProcessor(exporter, max_export_batch_size=batch))
tracer = provider.get_tracer("test")
for _ in range(spans):
    tracer.start_span("chat", attributes={"gen_ai.operation.name": "chat"}).end()
# A shutdown would end what is being sent again.
provider.force_flush()
provider.shutdown()
