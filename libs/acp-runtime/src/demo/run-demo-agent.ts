import { Readable, Writable } from "node:stream"
import * as acp from "@agentclientprotocol/sdk/unstable"
import type { DemoProgram } from "./demo-program.ts"
import { DemoSession } from "./demo-session.ts"
import { DemoTurn } from "./demo-turn.ts"
import { readScript, splitAtLater } from "./script.ts"
import { playScript } from "./script-player.ts"
import { giveTour } from "./tour.ts"

/** A real agent without a model: deterministic but for its session ids. Ends with 0 at the end of its input. */
export function runDemoAgent(program: DemoProgram) {
  const has = (flag: string) => program.args.includes(flag)
  if (has("--fail-start")) {
    program.stderr.write("The demo agent was told to fail at its start.\n")
    process.exitCode = 3
    return
  }
  const sessions = new Map<string, DemoSession>()
  const client: ClientAbilities = { hasForms: false }
  const app = acp
    .agent({ name: "aegis-demo" })
    .onRequest(acp.methods.agent.initialize, ({ params }) => {
      client.hasForms = Boolean(params.clientCapabilities?.elicitation?.form)
      return has("--hang-initialize") ? new Promise<never>(() => {}) : introduction(has)
    })
    .onRequest(acp.methods.agent.session.new, ({ params, client: context }) => {
      const session = DemoSession.create(params.cwd, { hasModes: !has("--no-modes") })
      return open(sessions, session, context)
    })
    .onRequest(acp.methods.agent.session.resume, ({ params, client: context }) =>
      open(sessions, restore(params, has), context),
    )
    .onRequest(acp.methods.agent.session.fork, ({ params, client: context }) => {
      restore(params, has)
      return open(sessions, DemoSession.create(params.cwd, { hasModes: !has("--no-modes") }), context)
    })
    .onRequest(acp.methods.agent.session.load, async ({ params, client: context }) => {
      const session = restore(params, has)
      for (const update of EARLIER)
        await context.notify(acp.methods.client.session.update, { sessionId: session.id, update })
      return open(sessions, session, context)
    })
    .onRequest(acp.methods.agent.session.setMode, ({ params }) =>
      find(sessions, params.sessionId).setMode(params.modeId),
    )
    .onRequest(acp.methods.agent.session.setConfigOption, ({ params }) => {
      const session = find(sessions, params.sessionId)
      session.setOption(params.configId, params.value)
      return { configOptions: session.configOptions }
    })
    .onNotification(acp.methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.interrupt())
    .onRequest(acp.methods.agent.session.prompt, ({ params, client: context }) => {
      const session = find(sessions, params.sessionId)
      const newTurn = () => new DemoTurn({ context, session, program, hasForms: client.hasForms })
      return prompt(newTurn, textOf(params.prompt))
    })
  const stream = acp.ndJsonStream(
    Writable.toWeb(program.stdout),
    Readable.toWeb(program.stdin) as ReadableStream<Uint8Array>,
  )
  void app.connect(stream).closed.then(() => {
    for (const session of sessions.values()) session.interrupt()
  })
}

interface ClientAbilities {
  hasForms: boolean
}

function introduction(has: (flag: string) => boolean): acp.InitializeResponse {
  return {
    protocolVersion: acp.PROTOCOL_VERSION,
    agentInfo: { name: "aegis-demo", title: "Aegis demo agent", version: "1.0.0" },
    agentCapabilities: {
      loadSession: !has("--no-load"),
      sessionCapabilities: { ...(has("--no-resume") ? {} : { resume: {} }), ...(has("--no-fork") ? {} : { fork: {} }) },
      promptCapabilities: { image: false, audio: false, embeddedContext: false },
    },
    authMethods: [],
  }
}

const EARLIER: readonly acp.SessionUpdate[] = [
  { sessionUpdate: "user_message_chunk", content: { type: "text", text: "An earlier prompt" } },
  { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "An earlier answer" } },
]

const COMMANDS: acp.SessionUpdate = {
  sessionUpdate: "available_commands_update",
  availableCommands: [
    { name: "hello", description: "Only says hello" },
    { name: "tour", description: "Looks at the folder, proposes a file, asks a question", input: { hint: "anything" } },
  ],
}

function open(sessions: Map<string, DemoSession>, session: DemoSession, context: acp.AgentContext) {
  sessions.set(session.id, session)
  // After this answer has been written: before it the client does not know the session.
  setImmediate(
    () => void context.notify(acp.methods.client.session.update, { sessionId: session.id, update: COMMANDS }),
  )
  return session.opened()
}

function restore(
  { sessionId, cwd }: { readonly sessionId: string; readonly cwd: string },
  has: (flag: string) => boolean,
) {
  if (!DemoSession.isId(sessionId)) throw new acp.RequestError(-32002, `There is no session ${sessionId}`)
  return new DemoSession(sessionId, cwd, { hasModes: !has("--no-modes") })
}

function find(sessions: ReadonlyMap<string, DemoSession>, sessionId: string) {
  const session = sessions.get(sessionId)
  if (!session) throw new acp.RequestError(-32002, `There is no session ${sessionId}`)
  return session
}

function textOf(prompt: readonly acp.ContentBlock[]) {
  return prompt.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n")
}

async function prompt(newTurn: () => DemoTurn, text: string): Promise<acp.PromptResponse> {
  const { steps, later } = splitAtLater(readScript(text))
  const answer = await during(newTurn(), (turn) => (steps ? playScript(turn, steps) : giveTour(turn, text, COMMANDS)))
  // After the answer has been written: what comes then nobody has prompted.
  if (later.length > 0) setImmediate(() => void during(newTurn(), (turn) => playScript(turn, later)))
  return answer
}

async function during(turn: DemoTurn, work: (turn: DemoTurn) => Promise<acp.StopReason>): Promise<acp.PromptResponse> {
  turn.begin()
  try {
    return { stopReason: await work(turn) }
  } catch (error) {
    if (turn.signal.aborted) return { stopReason: "cancelled" }
    throw error
  } finally {
    turn.end()
  }
}
