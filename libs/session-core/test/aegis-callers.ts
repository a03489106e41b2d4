import type { Aegis, Caller } from "../src/index.ts"

export const ada: Caller = {
  actor: { kind: "user", id: "ada", via: "test" },
  owner: { userId: "ada", tenantId: "home" },
}
export const bo: Caller = { actor: { kind: "user", id: "bo", via: "test" }, owner: { userId: "bo", tenantId: "home" } }

/** A session of the demo agent in a fresh folder, with a prompt. */
export function demo(workDir: string, prompt?: string, options: Partial<Parameters<Aegis["createSession"]>[1]> = {}) {
  return { workDir, agent: "demo", permissionMode: "default", ...(prompt === undefined ? {} : { prompt }), ...options }
}

/** A prompt of these words. */
export const text = (words: string) => ({ content: [{ type: "text", text: words }] })

/** How the demo agent is started with these flags. */
export function demoArgs(...flags: string[]) {
  return [new URL("../../acp-runtime/src/demo-agent.ts", import.meta.url).pathname, ...flags]
}
