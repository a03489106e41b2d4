import type { MerkleTree } from "@aegis/event-log/merkle"
import { operations } from "@aegis/openapi-contract"
import type { Context } from "hono"
import { AuditEntries } from "./audit-entries.ts"
import { toCsv, toNdjson } from "./audit-export.ts"
import { auditAudienceOf } from "./event-audience.ts"
import { guarded } from "./guarded.ts"
import { inTurn, Pace } from "./pace.ts"
import { cursorOf } from "./paging.ts"
import { redactEntry } from "./redact-entry.ts"
import type { Env } from "./request-env.ts"
import { type App, holderOf, type RouteParts } from "./routes.ts"

const FILES = {
  ndjson: { type: "application/x-ndjson", name: "aegis-audit.ndjson" },
  csv: { type: "text/csv; charset=utf-8", name: "aegis-audit.csv" },
} as const

/** Routes of the audit trail: its entries, and what proves them. */
export function addAuditRoutes(app: App, parts: RouteParts) {
  const { aegis, audiences, audit, config, credentials, notes } = parts
  const entries = new AuditEntries(aegis, audiences)

  const audienceOf = (context: Context<Env>) => {
    const { principal } = holderOf(context)
    return auditAudienceOf(principal, { sharing: config.sharing, isLocal: principal === credentials.local.principal })
  }

  app.openapi(guarded(operations.listAudit, parts), async (context) => {
    const { entries: found, next } = await entries.page(context.req.valid("query"), audienceOf(context))
    const toItem = async (entry: (typeof found)[number]) => JSON.parse((await redactEntry(entry)).json) as unknown
    const items = await inTurn(found, toItem, new Pace({ isShort: true }))
    return context.json({ items, ...cursorOf(next) } as never, 200)
  })

  app.openapi(guarded(operations.exportAudit, parts), async (context) => {
    const { format, ...filter } = context.req.valid("query")
    const told = Object.keys(filter).length === 0 ? {} : { filter }
    await notes.exported(holderOf(context), { via: context.get("via"), format, ...told })
    const checkpoint = await audit.signNow()
    const what = { entries, audience: audienceOf(context), filter, checkpoint }
    const text = format === "csv" ? toCsv(what) : toNdjson(what, await audit.proofParts())
    const { type, name } = FILES[format]
    const headers = {
      "Content-Type": type,
      "Content-Disposition": `attachment; filename="${name}"`,
      "Cache-Control": "no-store",
    }
    const bytes = ReadableStream.from(text).pipeThrough(new TextEncoderStream())
    return context.body(bytes, 200, headers)
  })

  app.openapi(guarded(operations.getAuditCheckpoint, parts), async (context) => {
    const { note } = await audit.checkpoint()
    return context.text(note, 200)
  })

  app.openapi(guarded(operations.getAuditProof, parts), async (context) => {
    const { seq, from = 0, ...sizes } = context.req.valid("query")
    const { size: signed } = await audit.checkpoint()
    const { size = signed, to = signed } = sizes
    const proof =
      seq === undefined
        ? await audit.read((tree) => consistencyOf(tree, { from, to }))
        : await audit.read((tree) => inclusionOf(tree, { seq, size }))
    return context.json(proof, 200)
  })

  app.openapi(guarded(operations.verifyAudit, parts), async (context) => {
    const report = await audit.verify()
    return context.json({ ...report, problems: [...report.problems] }, 200)
  })
}

async function inclusionOf(tree: MerkleTree, { seq, size }: { readonly seq: number; readonly size: number }) {
  const index = seq - 1
  const proof = [...(await tree.inclusionProof(index, size))]
  return { seq, index, leaf: await tree.leafAt(index), ...(await headOf(tree, size)), proof }
}

async function consistencyOf(tree: MerkleTree, { from, to }: { readonly from: number; readonly to: number }) {
  const proof = [...(await tree.consistencyProof(from, to))]
  return { from: await headOf(tree, from), to: await headOf(tree, to), proof }
}

async function headOf(tree: MerkleTree, size: number) {
  return { size, root: await tree.rootAt(size) }
}
