import type { SessionListItem } from "@aegis/client"
import { statusWords } from "./words.ts"

export function StatusBadge({ status }: { readonly status: SessionListItem["status"] }) {
  const { text, tone } = statusWords[status]
  return (
    <span className={`badge badge-${tone}`} data-status={status}>
      <span className="badge-dot" aria-hidden="true" />
      {text}
    </span>
  )
}
