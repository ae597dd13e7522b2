// What every application here does with its requests: they come over HTTP, each is asked once, in order.
import { createServer } from 'node:http';

/** Serves each handler at the path that it is named after, asks for each as a user would, says what came of it, and ends. */
export async function serve(handlers) {
  const server = createServer(async (request, response) => {
    try {
      response.end(JSON.stringify(await handlers[request.url.slice(1)]()));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const name of Object.keys(handlers)) {
    const { status } = await fetch(`http://127.0.0.1:${server.address().port}/${name}`);
    console.log(name, status);
  }
  server.close();
}
