import { type AegisClient, verifyExport } from "@aegis/client"
import type { Canaries } from "./canaries.ts"

const PAGE = 200

/** What the audit trail says to those who may read it: no secret, in pages and in files, and the file proves itself all the same. */
export async function judgeTrail(readers: Readonly<Record<string, AegisClient>>, canaries: Canaries) {
  const problems: string[] = []
  let redacted = 0
  for (const [name, client] of Object.entries(readers)) {
    const file = await textOf(client.exportAudit({ format: "ndjson" }))
    const texts = {
      "in pages": await pagesOf(client),
      "as lines of JSON": file,
      "as a table": await textOf(client.exportAudit({ format: "csv" })),
    }
    for (const [how, text] of Object.entries(texts))
      for (const { id, place } of canaries.findIn(text))
        problems.push(`the audit trail ${how} shows ${name} a secret (${id}) of ${place}`)
    try {
      redacted += (await verifyExport(file.split("\n").slice(0, -1))).redacted
    } catch (error) {
      problems.push(`the audit trail of ${name} does not prove itself: ${String(error)}`)
    }
  }
  if (redacted === 0) problems.push("no entry of the audit trail had a secret: nothing was looked at")
  return { problems, redacted }
}

async function pagesOf(client: AegisClient) {
  let text = ""
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { items, nextCursor }: Awaited<ReturnType<AegisClient["listAudit"]>> = await client.listAudit({
      after,
      limit: PAGE,
    })
    text += JSON.stringify(items)
    after = nextCursor === undefined ? undefined : Number(nextCursor)
  }
  return text
}

async function textOf(bytes: Promise<AsyncIterable<Uint8Array>>) {
  const decoder = new TextDecoder()
  let text = ""
  for await (const chunk of await bytes) text += decoder.decode(chunk, { stream: true })
  return text
}
