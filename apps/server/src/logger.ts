import { redactJson, redactText } from "@aegis/redact"
import { type DestinationStream, type Logger, pino } from "pino"
import { PinoPretty } from "pino-pretty"
import type { Config } from "./config-schema.ts"

/** Lines for people on a terminal, JSON elsewhere, without secrets; on stderr, since stdout is for what was asked for. */
export function createLogger(
  { level, format = process.stderr.isTTY ? "pretty" : "json" }: Config["log"],
  destination: DestinationStream = stderr(format),
): Logger {
  const { err: error } = pino.stdSerializers
  return pino({ level, base: {}, serializers: { error }, hooks: { streamWrite: redactLine } }, destination)
}

function stderr(format: Config["log"]["format"]) {
  const destination =
    format === "pretty"
      ? PinoPretty({ destination: 2, ignore: "pid,hostname", translateTime: "HH:MM:ss", sync: true })
      : pino.destination({ dest: 2, sync: true })
  // A full disk, or a reader that has left: what cannot be told must not end the server.
  destination.on("error", () => {})
  return destination
}

function redactLine(line: string) {
  try {
    return `${JSON.stringify(redactJson(JSON.parse(line)))}\n`
  } catch {
    // Whatever it is, it is a text.
    return redactText(line)
  }
}
