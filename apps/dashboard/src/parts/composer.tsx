import { type KeyboardEvent, useRef, useState } from "react"
import { useClient } from "../live/client-context.ts"
import type { SessionHead } from "../live/session-fold.ts"
import { useAction } from "../live/use-action.ts"
import { Problem } from "./problem.tsx"
import { isOver, visible } from "./words.ts"

export interface ComposerProps {
  readonly sessionId: string
  readonly status: SessionHead["status"]
  readonly commands: SessionHead["commands"]
}

const running = new Set(["working", "permission_prompt", "asking", "rate_limit"])

/** Where the next prompt is written; while a turn runs it waits in the queue. */
export function Composer({ sessionId, status, commands }: ComposerProps) {
  const client = useClient()
  const { isRunning, failure, run } = useAction()
  const [text, setText] = useState("")
  const field = useRef<HTMLTextAreaElement>(null)
  const hasTurn = running.has(status)
  const isBusy = hasTurn || status === "pending"
  const matching =
    text.startsWith("/") && !text.includes(" ") ? commands.filter(({ name }) => `/${name}`.startsWith(text)) : []

  const send = async () => {
    if (text.trim() === "") return
    if (await run(() => client.sendMessage(sessionId, text))) setText("")
    field.current?.focus()
  }
  const interrupt = () => void run(() => client.interruptSession(sessionId))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send()
  }
  const complete = (name: string) => {
    setText(`/${name} `)
    field.current?.focus()
  }

  if (isOver(status)) return <p className="composer-over">This session is over; it stays readable.</p>
  return (
    <div className="composer">
      <Problem text={failure} />
      {matching.length === 0 ? undefined : (
        <ul className="commands" aria-label="Commands">
          {matching.slice(0, 8).map(({ name, description }) => (
            <li key={name}>
              <button type="button" onClick={() => complete(name)}>
                <code>/{visible(name)}</code> <span>{visible(description)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="composer-row">
        <textarea
          ref={field}
          value={text}
          rows={Math.min(8, text.split("\n").length)}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKeyDown}
          placeholder={isBusy ? "Next prompt …" : "Write a prompt"}
          aria-label="Prompt"
        />
        {hasTurn ? (
          <button type="button" className="button" disabled={isRunning} onClick={interrupt}>
            Interrupt
          </button>
        ) : undefined}
        <button
          type="button"
          className="button button-primary"
          disabled={isRunning || text.trim() === ""}
          onClick={() => void send()}
        >
          {isBusy ? "Queue" : "Send"}
        </button>
      </div>
    </div>
  )
}
