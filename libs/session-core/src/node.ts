import { createHash, randomBytes, randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { realpath } from "node:fs/promises"
import { join, resolve } from "node:path"
import * as wire from "@aegis/acp-runtime"
import {
  type AgentConfig,
  CLAUDE_VERSION,
  claudeToolKind,
  createAgentEnvironment,
  createLocalAgentHost,
  installClaude,
  listAgents,
  openDetachedAgentHost,
  resolveAgent,
  sweepAgents,
} from "@aegis/acp-runtime/node"
import type { EventLog } from "@aegis/event-log"
import { openSqliteLog } from "@aegis/event-log/sqlite"
import {
  asksLess,
  callRules,
  compileBudgets,
  compilePolicy,
  type PermissionMode,
  type Policy,
  restrains,
} from "@aegis/policy"
import { redactWords } from "@aegis/redact"
import type { Aegis } from "./aegis.ts"
import type { AegisParts, AgentListing, RunName } from "./aegis-parts.ts"
import { askUnless } from "./ask-unless.ts"
import { fileOfCassette } from "./cassette-name.ts"
import { createAegis } from "./create-aegis.ts"
import { openEmergencyFile } from "./emergency-file.ts"
import type { AegisEvent } from "./events.ts"
import { calendar } from "./node-calendar.ts"
import { createCassettes } from "./node-cassettes.ts"
import { type Clock, machineClock } from "./node-clock.ts"
import { createCompleteWorkDir } from "./node-complete-work-dir.ts"
import { createDiffFolder } from "./node-diff-folder.ts"
import { headOf } from "./node-find-repository.ts"
import { createInspect } from "./node-inspect.ts"
import { createJudge, realHome, toPolicyRequest } from "./node-judge.ts"
import { createRecordings } from "./node-recordings.ts"
import { createFindWorkDir, isInside } from "./node-work-dir.ts"
import { PolicyReader } from "./policy-reader.ts"
import { realTarget } from "./real-target.ts"
import { sessionModels } from "./session-models.ts"

/** The default wiring: everything in one data directory, agents as child processes. */
export interface OpenAegisOptions {
  /** Holds the log; made when absent (0700). */
  readonly stateDir: string
  readonly agents?: Readonly<Record<string, AgentConfig>>
  /** The program of the Claude adapter, instead of the one that is found. */
  readonly acpBin?: string
  /** Whether the Claude adapter is installed into the data directory when it is first needed and is nowhere. */
  readonly autoInstall?: boolean
  /** Told before something is fetched: one line for a person. */
  readonly notice?: (line: string) => void
  /**
   * What agents may do without being asked about, and what they may not (spec/policy.md); absent: what was set last. Where it
   * is given nothing else can be set.
   */
  readonly policy?: Policy
  /** Folders under which sessions may work, absolute; empty: anywhere but in the data directory. */
  readonly allowedWorkDirs?: readonly string[]
  /** Folders, absolute, whose own settings for agents are used, and of those in them; elsewhere they are not (spec/threats.md, J4). */
  readonly trustedWorkDirs?: readonly string[]
  /** Whether all that sessions and their agents say to each other is kept in the data directory, for cassettes of them. */
  readonly recordTraffic?: boolean
  /** What agents inherit from, less all that is not on the allow-list. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Names that agents inherit besides, and names that they do not; one that ends with `*` is the beginning of names. */
  readonly inherited?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] }
  /**
   * What an agent's environment has besides, made for each that starts: how it reaches a server that this one is part of.
   * Absent: nothing.
   */
  readonly agentVariables?: (agent: RunName) => Promise<Readonly<Record<string, string>>>
  /**
   * Where agents run: as children of this process, which end with it, or held by a process of their own, whose agents go on
   * when this one is gone (design.md, Agent host). Default `in-process`.
   */
  readonly agentHost?: "in-process" | "detached"
  readonly version?: string
  readonly settings?: Partial<Omit<AegisParts["settings"], "version">>
  /** Whether a call may be allowed that nobody is asked about; where it may not, a person is asked. Absent: it may. */
  readonly mayAllow?: () => Promise<boolean>
  /**
   * Why a pipeline or a routine may not begin anything any more with the key that it was asked for with; undefined: it may.
   * Asked each time. Absent: it always may.
   */
  readonly refuseKey?: AegisParts["refuseKey"]
  /** What time it is, and when one has come. Absent: by the machine's clock. */
  readonly clock?: Clock
  /** When all is appended that will be, and the log can still be read. */
  readonly beforeLogCloses?: () => Promise<void>
  /** Told once, when the log's disk has failed: then close this, leave the agents, and open anew. */
  readonly onLogFailed?: (error: Error) => void
}

/** Which session's agent it is, and which of its processes. */

export interface OpenedAegis extends Aegis {
  readonly log: EventLog<AegisEvent>
}

/** Opens the log, goes on with what an earlier life left running or ends it, and starts. `close` ends all of it. */
export async function openAegis(given: OpenAegisOptions): Promise<OpenedAegis> {
  // Paths are compared with it once their links are resolved.
  const options = { ...given, stateDir: await realTarget(given.stateDir) }
  const emergency = openEmergencyFile(join(options.stateDir, "emergency"))
  const log = await openSqliteLog<AegisEvent>({
    path: join(options.stateDir, "aegis.db"),
    models: sessionModels,
    ...(options.onLogFailed ? { onFailed: options.onLogFailed } : {}),
  }).catch((error: unknown): never => {
    emergency.close()
    throw error
  })
  const closeFiles = async () => {
    await options.beforeLogCloses?.()
    await log.close()
    emergency.close()
  }
  const host = await openHost(options).catch(async (error: unknown): Promise<never> => {
    await closeFiles()
    throw error
  })
  const parts = { ...toParts(options, log, host), emergency }
  const aegis = await createAegis(parts).catch(async (error: unknown): Promise<never> => {
    await host.close({ keepAgents: true })
    await closeFiles()
    throw error
  })
  return Object.assign(aegis, {
    log,
    close: closing(aegis, async (how) => {
      await host.close(how)
      await closeFiles()
    }),
  })
}

/** Ends the agents that a server of the data directory has left behind, and their host. */
export async function endAgents({ stateDir, env }: Pick<OpenAegisOptions, "stateDir" | "env">) {
  if (!existsSync(join(stateDir, "host"))) return
  const host = await openHost({ stateDir, env, agentHost: "detached" })
  await host.close()
}

type AgentPlaces = Pick<OpenAegisOptions, "stateDir" | "agents" | "acpBin" | "autoInstall" | "env">

/** The agents that a server of the data directory would have, installed or not. */
export function findAgents(places: AgentPlaces): readonly AgentListing[] {
  return listAgents(toAgentsConfig(places))
}

function toAgentsConfig({ stateDir, agents = {}, acpBin, autoInstall = false, env }: AgentPlaces) {
  return {
    agents,
    searchPath: env.PATH ?? "",
    installFolder: join(stateDir, "agents"),
    installOnUse: autoInstall,
    ...(acpBin === undefined ? {} : { acpBin }),
    ...(env.CLAUDE_CODE_EXECUTABLE ? { claudeExecutable: env.CLAUDE_CODE_EXECUTABLE } : {}),
  }
}

async function openHost({
  stateDir,
  env,
  agentHost = "in-process",
}: Pick<OpenAegisOptions, "stateDir" | "env" | "agentHost">) {
  const real = await realpath(stateDir)
  const hostId = createHash("sha256").update(real).digest("hex").slice(0, 16)
  if (agentHost === "detached") return openDetachedAgentHost({ folder: join(real, "host"), hostId, env })
  await sweepAgents({ hostId })
  return createLocalAgentHost({ hostId })
}

function toParts(options: OpenAegisOptions, log: EventLog<AegisEvent>, host: wire.AgentHost): AegisParts {
  const { stateDir, notice, env, version = "0.0.0", settings, policy: configured, mayAllow } = options
  const { allowedWorkDirs = [], trustedWorkDirs = [], inherited = {}, clock = machineClock } = options
  const { now, ringAt } = clock
  const findWorkDir = createFindWorkDir({ stateDir, allow: allowedWorkDirs })
  const config = toAgentsConfig(options)
  const { installFolder } = config
  const policies = new PolicyReader(log)
  const compile = onceEach(compilePolicy)
  const cassettes = createCassettes({ log, stateDir })
  let installing: Promise<void> | undefined
  const installIfMissing = async (name: string) => {
    // Looking for programs takes its time, and this is asked between any two turns.
    if (!config.installOnUse || !listAgents(config).some((agent) => agent.name === name && agent.installsOnUse)) return
    // Sessions that begin together wait for one installation; a failed one is tried again by the next session.
    if (!installing) notice?.(`Installing the Claude agent ${CLAUDE_VERSION} into ${installFolder} (up to 400 MB)`)
    installing ??= installClaude({ folder: installFolder, searchPath: config.searchPath, env }).finally(() => {
      installing = undefined
    })
    await installing
  }
  return {
    log,
    host,
    wire,
    resolveAgent: async ({ sessionId, agent: name, workDir, labels, owner, permissions }) => {
      if (fileOfCassette(name) !== undefined) {
        const { command, args, envAllow, mostAskingMode } = await cassettes.resolve({ sessionId, agent: name, workDir })
        return { command, args, mostAskingMode, env: createAgentEnvironment({ inherit: env, allow: envAllow }) }
      }
      await installIfMissing(name)
      const { env: own, envAllow, sessionMeta, folderSettings = [], ...agent } = resolveAgent(name, config)
      const isTrusted = (await Promise.all(trustedWorkDirs.map((folder) => realTarget(folder)))).some((folder) =>
        isInside(workDir, folder),
      )
      const policy = (await policies.inForce()).current?.document
      const rules = [
        { decision: "deny", isStanding: true, paths: [`${literal(stateDir)}/**`] } as const,
        ...[policy, permissions?.policy?.document].flatMap((document) =>
          document ? callRules(document, { agent: name, labels, owner: owner.userId }) : [],
        ),
      ]
      return {
        ...agent,
        env: {
          ...createAgentEnvironment({ inherit: env, allow: envAllow, names: inherited.allow, deny: inherited.deny }),
          ...own,
        },
        ...(sessionMeta && { sessionMeta: sessionMeta({ rules, isTrusted, workDir, home: await realHome() }) }),
        ignoredSettings: isTrusted ? [] : folderSettings.filter((path) => existsSync(join(workDir, path))),
      }
    },
    checkCassette: cassettes.check,
    recordings: createRecordings({ stateDir, isOn: options.recordTraffic === true }),
    agentVariables: options.agentVariables,
    listAgents: async () => listAgents(config),
    toPolicyRequest,
    judge: askUnless(mayAllow, createJudge({ policies, compile, stateDir, now })),
    inspect: createInspect({ searchPath: config.searchPath }),
    asksLess: (mode, than) => asksLess(mode as PermissionMode, than as PermissionMode),
    isInside,
    refuseMode: async (mode, own) => {
      if (mode !== "auto") return undefined
      const documents = [(await policies.inForce()).current?.document, own]
      return documents.some((document) => document && restrains(compile(document))) ? AUTO_REFUSED : undefined
    },
    findWorkDir,
    completeWorkDir: createCompleteWorkDir({ findWorkDir, allow: allowedWorkDirs }),
    headOf,
    diffFolder: createDiffFolder({ stateDir, searchPath: config.searchPath }),
    realPath: (path) => realTarget(resolve(path)),
    toolKindOf: claudeToolKind,
    now,
    ringAt,
    calendar,
    refuseKey: options.refuseKey ?? (async () => undefined),
    newId: randomUUID,
    newSalt: () => randomBytes(16).toString("hex"),
    redactWords,
    policy: configured,
    budgetsOf: onceEach(({ budgets }: Policy) => compileBudgets(budgets)),
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    settings: {
      version,
      startTimeoutMs: 60_000,
      interruptGraceMs: 5_000,
      deliveryWaitMs: 2_000,
      agentRestart: { max: 3, backoffMs: 1_000 },
      stallThresholdMs: 300_000,
      stallAction: "report",
      quietMs: 3_000,
      approvals: { required: 1 },
      parkAfterMs: 900_000,
      maxAgentProcesses: 8,
      fullDiskRetryMs: 500,
      ...settings,
    },
  }
}

/** The same result for the same object, made when it is first asked for. */
function onceEach<Given extends object, Result>(make: (given: Given) => Result) {
  const made = new WeakMap<Given, { readonly result: Result }>()
  return (given: Given) => {
    const known = made.get(given) ?? { result: make(given) }
    made.set(given, known)
    return known.result
  }
}

const AUTO_REFUSED =
  "In the mode auto the agent judges by itself, and the policy has rules that deny or ask: choose another mode."

/** A path as a pattern that is about nothing else. */
function literal(path: string) {
  return path.replaceAll("\\", "/").replaceAll(/[*?[\]{}!]/g, String.raw`\$&`)
}

type CloseOptions = Parameters<Aegis["close"]>[0]

function closing(aegis: Aegis, rest: (how: CloseOptions) => Promise<void>) {
  const stop = aegis.close.bind(aegis)
  let closed: Promise<void> | undefined
  return (how: CloseOptions = {}) => {
    closed ??= stop(how).then(() => rest(how))
    return closed
  }
}
