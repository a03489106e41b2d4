import { operations } from "@aegis/openapi-contract"
import type { Aegis, Session } from "@aegis/session-core"
import { guarded } from "./guarded.ts"
import { Pace } from "./pace.ts"
import type { App, RouteParts } from "./routes.ts"
import { toCassette } from "./session-cassette.ts"
import { toMarkdown } from "./session-markdown.ts"
import { digestTranscript } from "./transcript-digest.ts"

const KINDS = {
  jsonl: { type: "application/x-ndjson", ending: "jsonl" },
  md: { type: "text/markdown; charset=utf-8", ending: "md" },
  cassette: { type: "application/x-ndjson", ending: "cassette.jsonl" },
}
const PAGE = 200

/** The route of a session as a file. */
export function addExportRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.exportSession, parts), async (context) => {
    const { format } = context.req.valid("query")
    const session = await aegis.getSession(context.req.param("id"))
    const { type, ending } = KINDS[format]
    const text = await textOf(aegis, session, format)
    const headers = {
      "Content-Type": type,
      "Content-Disposition": `attachment; filename="aegis-${session.id}.${ending}"`,
      "Cache-Control": "no-store",
    }
    const bytes = ReadableStream.from(paced(text)).pipeThrough(new TextEncoderStream())
    return context.body(bytes, 200, headers)
  })
}

type Exporting = Pick<Aegis, "readEvents" | "readTraffic" | "transcriptUpTo">

async function textOf(aegis: Exporting, session: Session, format: keyof typeof KINDS) {
  const { id, seq } = session
  switch (format) {
    case "jsonl":
      return linesOf(aegis, { id, seq })
    case "md":
      return toMarkdown(session, aegis.transcriptUpTo(id, seq))
    case "cassette": {
      const traffic = await aegis.readTraffic(id)
      const transcript = await digestTranscript(paced(aegis.transcriptUpTo(id, seq)))
      return toCassette({ session, traffic, transcript, at: new Date() })
    }
  }
}

async function* paced<Piece>(pieces: AsyncIterable<Piece>) {
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
