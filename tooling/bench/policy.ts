import { type CompiledPolicy, compilePolicy, evaluate, type PolicyRequest, simulate } from "@aegis/policy"
import { PolicySchema } from "@aegis/policy/schema"
import { Random } from "../prove/random.ts"
import { type BenchOptions, machineLine, milliseconds, quantile, toTable } from "./figures.ts"

const RULES = 200
const RECORDED = 100_000
/** In a single run, which only shows that all is there. */
const RECORDED_ONCE = 5_000
/** Different ones: what is judged again and again is in every cache. */
const REQUESTS = 5_000
const WARM_UP = 20_000
const MOST_P99_US = 50
const MOST_SIMULATE_MS = 5_000
const SEED = 1

/** A policy of 200 rules: one judgement at a time, and all that was ever asked judged twice (spec/policy.md). */
export async function benchPolicy({ runs, json }: BenchOptions) {
  const random = new Random(SEED)
  const policy = compile(rulesOf(random))
  const requests = Array.from({ length: REQUESTS }, () => requestOf(random))
  for (let count = 0; count < WARM_UP; count++) evaluate(policy, requests[count % REQUESTS] as PolicyRequest)
  const rounds = Array.from({ length: runs }, () => requests.map((request) => timeOf(() => evaluate(policy, request))))
  // The least of each: what a judgement takes, and not what the machine did beside it.
  const times = requests.map((_, index) => Math.min(...rounds.map((round) => round[index] ?? Number.NaN)))
  const candidate = compile(rulesOf(random))
  const recorded = Array.from({ length: runs > 1 ? RECORDED : RECORDED_ONCE }, (_, id) => ({
    id: String(id),
    request: requestOf(random),
  }))
  const simulateMs = timeOf(() => simulate(policy, recorded, { candidate })) / 1000
  const all = rounds.flat()
  const figures = {
    p50us: quantile(times, 0.5),
    p99us: quantile(times, 0.99),
    rawP99us: quantile(all, 0.99),
    recorded: recorded.length,
    simulateMs,
  }
  if (json) console.log(JSON.stringify({ machine: machineLine(), ...figures }))
  else console.log(toReport(figures, runs))
  return figures.p99us <= MOST_P99_US && simulateMs <= MOST_SIMULATE_MS
}

interface Figures {
  readonly p50us: number
  readonly p99us: number
  readonly rawP99us: number
  readonly recorded: number
  readonly simulateMs: number
}

function toReport({ p50us, p99us, rawP99us, recorded, simulateMs }: Figures, runs: number) {
  const rows = [
    ["", "p50 µs", "p99 µs"],
    [`one judgement, the least of ${runs}`, p50us.toFixed(1), p99us.toFixed(1)],
    ["one judgement, every one", "", rawP99us.toFixed(1)],
  ]
  return [
    `${REQUESTS.toLocaleString("en")} different requests, a policy of ${RULES} rules. ${machineLine()}`,
    "",
    toTable(rows),
    "",
    `p99 is ${p99us.toFixed(1)} µs, of ${MOST_P99_US} that it may.`,
    `${recorded.toLocaleString("en")} recorded requests by two policies: ${milliseconds(simulateMs)} ms, of ${MOST_SIMULATE_MS} that it may.`,
  ].join("\n")
}

/** In microseconds. */
function timeOf(action: () => unknown) {
  const began = performance.now()
  action()
  return (performance.now() - began) * 1000
}

function compile(rules: readonly object[]): CompiledPolicy {
  return compilePolicy(PolicySchema.parse({ version: 1, defaults: { decision: "ask" }, rules }))
}

const words = ["src", "docs", "app", "core", "test", "build", "api", "web", "data", "infra"]
const programs = ["pnpm", "git", "node", "make", "cargo", "ls", "grep", "curl", "docker", "kubectl"]

/** As people write them: most about paths and commands, a few that deny, a few that want two persons. */
function rulesOf(random: Random) {
  const pick = (list: readonly string[]) => list[Math.floor(random.next() * list.length)] ?? ""
  return Array.from({ length: RULES }, (_, number) => {
    const id = `rule-${number}`
    switch (number % 5) {
      case 0:
        return {
          id,
          match: { kind: ["read", "search"], path: `\${workDir}/${pick(words)}/${number}/**` },
          decision: "allow",
        }
      case 1:
        return {
          id,
          match: { kind: "execute", command: `${pick(programs)} ${pick(words)}${number} *` },
          decision: "allow",
        }
      case 2:
        return { id, match: { path: `**/${pick(words)}-${number}*/**` }, decision: "deny" }
      case 3:
        return { id, match: { kind: "fetch", host: `*.${pick(words)}${number}.example` }, decision: "allow" }
      default:
        return {
          id,
          match: { kind: ["edit", "execute"], labels: { env: `${pick(words)}-${number}` } },
          decision: "ask",
          approvers: { count: 2 },
        }
    }
  })
}

function requestOf(random: Random): PolicyRequest {
  const pick = (list: readonly string[]) => list[Math.floor(random.next() * list.length)] ?? ""
  const number = Math.floor(random.next() * RULES)
  const path = `/home/ada/project/${pick(words)}/${number}/${pick(words)}-${number}.ts`
  const context = {
    mode: "default",
    agent: "claude",
    labels: { env: `${pick(words)}-${number}` },
    owner: "ada",
    workDir: "/home/ada/project",
    home: "/home/ada",
    at: 1_800_000_000_000 + number * 60_000,
  } as const
  const nothing = { tool: undefined, paths: [], command: undefined, hosts: [], context }
  const choice = random.next()
  if (choice < 0.4) return { ...nothing, kind: "read", paths: [path] }
  if (choice < 0.6) return { ...nothing, kind: "edit", paths: [path] }
  if (choice < 0.7) return { ...nothing, kind: "fetch", hosts: [`www.${pick(words)}${number}.example`] }
  const command = `${pick(programs)} ${pick(words)}${number} --flag "${pick(words)}" && ${pick(programs)} ${pick(words)} | grep -n "${number}" > ${pick(words)}.log`
  return { ...nothing, kind: "execute", command: choice < 0.85 ? command : (command.split(" && ")[0] ?? "") }
}
