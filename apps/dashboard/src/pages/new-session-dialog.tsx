import type { Agent, CreateSession } from "@aegis/client"
import { type FormEvent, type RefObject, useEffect, useState } from "react"
import { useLocation } from "wouter"
import { useClient } from "../live/client-context.ts"
import { useSessions } from "../live/sessions-context.tsx"
import { useAction } from "../live/use-action.ts"
import { Problem } from "../parts/problem.tsx"

const modes = [
  ["default", "Ask first"],
  ["plan", "Plan only"],
  ["acceptEdits", "Allow edits in the folder"],
  ["dontAsk", "Reject instead of asking"],
  ["bypassPermissions", "Allow everything"],
] as const

/** A new session: which folder, which agent, what to do. */
export function NewSessionDialog({ ref }: { readonly ref: RefObject<HTMLDialogElement | null> }) {
  const client = useClient()
  const { rows } = useSessions()
  const [, navigate] = useLocation()
  const { isRunning, failure, run } = useAction()
  const [agents, setAgents] = useState<readonly Agent[]>([])
  useEffect(() => {
    const abort = new AbortController()
    client
      .listAgents({ signal: abort.signal })
      .then(({ items }) => setAgents(items))
      // The form works without: the server then takes its default agent.
      .catch(() => undefined)
    return () => abort.abort()
  }, [client])
  const folders = [...new Set(rows.map(({ workDir }) => workDir))].slice(0, 20)

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    void run(async () => {
      const { id } = await client.createSession(toBody(new FormData(form)))
      form.reset()
      ref.current?.close()
      navigate(`/sessions/${id}`)
    })
  }
  const chosen =
    agents.find(({ isDefault, installed }) => isDefault && installed) ?? agents.find(({ installed }) => installed)
  return (
    <dialog ref={ref} className="dialog" aria-labelledby="new-session">
      <form onSubmit={submit}>
        <h2 id="new-session">New session</h2>
        <label className="field">
          <span>Folder</span>
          <input name="workDir" list="folders" required placeholder="/home/you/project" spellCheck={false} />
          <datalist id="folders">
            {folders.map((folder) => (
              <option key={folder} value={folder} />
            ))}
          </datalist>
        </label>
        <label className="field">
          <span>Prompt</span>
          <textarea name="prompt" rows={4} required />
        </label>
        <div className="field-pair">
          <label className="field">
            <span>Agent</span>
            <select name="agent" key={chosen?.name} defaultValue={chosen?.name}>
              {agents.map(({ name, installed }) => (
                <option key={name} value={name} disabled={!installed}>
                  {installed ? name : `${name} (not installed)`}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>Permissions</span>
            <select name="permissionMode" defaultValue="default">
              {modes.map(([mode, words]) => (
                <option key={mode} value={mode}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Problem text={failure} />
        <footer className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={() => ref.current?.close()}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={isRunning}>
            Start
          </button>
        </footer>
      </form>
    </dialog>
  )
}

function toBody(form: FormData): CreateSession {
  const text = (name: string) => {
    const value = form.get(name)
    return typeof value === "string" ? value.trim() : ""
  }
  const agent = text("agent")
  const permissionMode = modes.find(([mode]) => mode === text("permissionMode"))?.[0]
  return {
    workDir: text("workDir"),
    prompt: text("prompt"),
    ...(agent === "" ? {} : { agent }),
    ...(permissionMode === undefined ? {} : { permissionMode }),
  }
}
