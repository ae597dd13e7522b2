"""What the applications that use the openai package ask of it."""

from openai import OpenAI, OpenAIError

openai = OpenAI(max_retries=0)
question = [{"role": "user", "content": "When does it come?"}]


def ask_all() -> None:
    openai.chat.completions.create(model="gpt-4o-mini", messages=question)
    chunks = openai.chat.completions.create(
        model="gpt-4o-mini", messages=question, stream=True, stream_options={"include_usage": True}
    )
    for _ in chunks:
        pass
    openai.embeddings.create(model="text-embedding-3-small", input="Returns")
    try:
        openai.chat.completions.create(model="gpt-broken", messages=question)
    except OpenAIError as error:
        print(error)
