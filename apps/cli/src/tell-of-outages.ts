import type { ConnectionState } from "@aegis/client"
import type { EventPrinter } from "./event-printer.ts"

/** Says that the server is gone, once, and that it is back: nobody should wait unknowing. */
export function tellOfOutages(printer: EventPrinter) {
  let isLost = false
  return ({ type }: ConnectionState) => {
    if (type === "lost" && !isLost)
      printer.note("The server is gone; its log keeps what happened. Waiting for it: ag server start.")
    if (type === "open" && isLost) printer.note("The server is back.")
    isLost = type === "lost"
  }
}
