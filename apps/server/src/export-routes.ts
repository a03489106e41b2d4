import { operations } from "@aegis/openapi-contract"
import type { Aegis } from "@aegis/session-core"
import { guarded } from "./guarded.ts"
import { Pace } from "./pace.ts"
import type { App, RouteParts } from "./routes.ts"
import { toMarkdown } from "./session-markdown.ts"

const TYPES = { jsonl: "application/x-ndjson", md: "text/markdown; charset=utf-8" }
const PAGE = 200

/** The route of a session as a file. */
export function addExportRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.exportSession, parts), async (context) => {
    const { format } = context.req.valid("query")
    const session = await aegis.getSession(context.req.param("id"))
    const { id, seq } = session
    const text = format === "md" ? toMarkdown(session, aegis.transcriptUpTo(id, seq)) : linesOf(aegis, { id, seq })
    const headers = {
      "Content-Type": TYPES[format],
      "Content-Disposition": `attachment; filename="aegis-${id}.${format}"`,
      "Cache-Control": "no-store",
    }
    const bytes = ReadableStream.from(paced(text)).pipeThrough(new TextEncoderStream())
    return context.body(bytes, 200, headers)
  })
}

async function* paced(pieces: AsyncIterable<string>) {
  const pace = new Pace()
  for await (const piece of pieces) {
    yield piece
    await pace.step()
  }
}

/** The events as the log has them. */
async function* linesOf(aegis: Pick<Aegis, "readEvents">, { id, seq }: { readonly id: string; readonly seq: number }) {
  for (let after = 0; after < seq; ) {
    const page = await aegis.readEvents({ stream: id, after, limit: PAGE })
    for (const entry of page) if (entry.seq <= seq) yield `${entry.json}\n`
    after = page.at(-1)?.seq ?? seq
  }
}
