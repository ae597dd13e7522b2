from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
Agent.instrument_all()

support = Agent(OpenAIChatModel("gpt-4o-mini"), name="support")
orders = Agent(OpenAIChatModel("gpt-4o-mini"), name="orders")
broken = Agent(OpenAIChatModel("gpt-broken"), name="broken")


@orders.tool_plain
def order(id: str) -> str:
    """Where an order is."""
    return "sent on Monday"


support.run_sync("When does it come?")
orders.run_sync("Where is order 4711?")
try:
    broken.run_sync("When does it come?")
except ModelHTTPError as error:
    print(error)
provider.shutdown()
