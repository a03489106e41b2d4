import { expect, it } from "vitest"
import { InProcessFetch } from "../src/in-process-fetch.ts"
import type { Env } from "../src/request-env.ts"

const url = "http://127.0.0.1:9100"

/** What was asked, and where from; nothing is answered until it is let. */
function createInside() {
  const asked: { readonly host: string | null; readonly env: Env["Bindings"] }[] = []
  const { promise: answered, resolve: letAnswer } = Promise.withResolvers<Response>()
  const app = {
    fetch(request: Request, env: unknown) {
      asked.push({ host: request.headers.get("Host"), env: env as Env["Bindings"] })
      return answered.then((response) => response.clone())
    },
  }
  return { inside: new InProcessFetch({ app, door: "mcp", url: () => url }), asked, letAnswer }
}

it("what is asked on somebody's behalf comes from their address, under the server's own name", async () => {
  const { inside, asked, letAnswer } = createInside()
  letAnswer(new Response("fine"))
  const ask = async () => (await inside.fetch(`${url}/v1/version`)).text()
  const later = async () => {
    await Promise.resolve()
    return ask()
  }
  const both = [inside.from("198.51.100.1", later), inside.from("198.51.100.2", later)]
  expect(await Promise.all([...both, ask()])).toEqual(["fine", "fine", "fine"])
  const addresses = asked.map(({ env }) => env.address).toSorted()
  expect(addresses).toEqual(["198.51.100.1", "198.51.100.2", undefined])
  expect(new Set(asked.map(({ host, env }) => `${host} ${env.door}`))).toEqual(new Set(["127.0.0.1:9100 mcp"]))
})

it("who gives up waits no longer", async () => {
  const { inside, asked, letAnswer } = createInside()
  const leave = new AbortController()
  const asking = inside.fetch(`${url}/v1/version`, { signal: leave.signal })
  leave.abort(new Error("enough"))
  await expect(asking).rejects.toThrow("enough")
  await expect(inside.fetch(`${url}/v1/version`, { signal: leave.signal })).rejects.toThrow("enough")
  letAnswer(new Response("late"))
  expect(asked).toHaveLength(1)
})
