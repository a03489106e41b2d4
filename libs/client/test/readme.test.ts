import { expect, it } from "vitest"
import { runReadme } from "../../../tooling/vitest/run-readme.ts"
import { answer, bye, frame, openStream, usePlayServer } from "./play-server.ts"

const play = usePlayServer()

it("the README's example runs as printed", async () => {
  const url = await play((request, response) => {
    if (request.url?.startsWith("/v1/sessions/s1/events"))
      return openStream(response).end(frame(1) + bye("session-ended"))
    if (request.url === "/v1/auth/sse-token") return answer(response, 201, { token: "sse_1" })
    return answer(response, request.method === "POST" ? 201 : 200, { id: "s1", items: [1, 2] })
  })
  const output = await runReadme(new URL("../", import.meta.url), { AEGIS_URL: url })
  expect(output).toBe(`1 message.delta undefined\n2\n${"0".repeat(64)}\n`)
})
