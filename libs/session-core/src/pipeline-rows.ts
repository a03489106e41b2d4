import type { RowOperation, Table } from "@aegis/event-log"
import type { PipelineEvent } from "./pipeline-state.ts"

/** A row a pipeline: what lists filter and sort by. */
export const pipelinesTable = {
  name: "pipelines",
  columns: {
    pipelineId: "text",
    tenantId: "text",
    userId: "text",
    createdSeq: "integer",
    status: "text",
  },
  key: ["pipelineId"],
  indexes: [["tenantId", "createdSeq"], ["status"]],
} as const satisfies Table

export function pipelineOperations({ type, seq, data }: PipelineEvent & { readonly seq: number }): RowOperation[] {
  const { pipelineId, tenantId, userId } = data
  if (type === "pipeline.created") {
    const row = { pipelineId, tenantId, userId, createdSeq: seq, status: "running" }
    return [{ type: "put", table: pipelinesTable, row }]
  }
  if (type !== "pipeline.ended") return []
  return [{ type: "patch", table: pipelinesTable, key: { pipelineId }, columns: { status: data.status } }]
}
