import { type Logger, pino } from "pino"
import { PinoPretty } from "pino-pretty"
import type { Config } from "./config-schema.ts"

/** Lines for people on a terminal, JSON elsewhere; on stderr, since stdout is for what was asked for. */
export function createLogger({ level, format = process.stderr.isTTY ? "pretty" : "json" }: Config["log"]): Logger {
  const destination =
    format === "pretty"
      ? PinoPretty({ destination: 2, ignore: "pid,hostname", translateTime: "HH:MM:ss", sync: true })
      : pino.destination({ dest: 2, sync: true })
  // A full disk, or a reader that has left: what cannot be told must not end the server.
  destination.on("error", () => {})
  return pino({ level, base: {} }, destination)
}
