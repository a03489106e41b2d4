import { createInterface } from "node:readline/promises"

export interface AskOptions {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** Somebody else has answered: the prompt gives way. */
  readonly signal: AbortSignal
  /** Ctrl+C: while a terminal is asked, it comes as a key and not as a signal. */
  readonly onInterrupt: () => void
}

/** Asks in the terminal; undefined when the question was taken back, or the input has ended. */
export async function ask(
  question: string,
  { input, output, signal, onInterrupt }: AskOptions,
): Promise<string | undefined> {
  const terminal = createInterface({ input, output })
  terminal.on("SIGINT", onInterrupt)
  try {
    const ended = new Promise<undefined>((resolve) => terminal.once("close", () => resolve(undefined)))
    return await Promise.race([terminal.question(question, { signal }), ended])
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    terminal.close()
  }
}
