import { resolve } from "node:path"
import { checkPolicy, type PolicyFinding } from "@aegis/policy"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs } from "../common-args.ts"
import { EXIT } from "../exit-code.ts"
import type { Output } from "../output.ts"

export function command(context: CommandContext) {
  return defineCommand({
    meta: { name: "policy", description: "What agents may do: check a file" },
    subCommands: {
      check: defineCommand({
        meta: {
          name: "check",
          description: "Look for what is wrong in a policy: rules that contradict, or never decide",
        },
        args: {
          file: { type: "positional", description: "The policy", required: true },
          json: commonArgs.json,
        },
        run: async ({ args }) => {
          context.exitCode = await check(context, args)
        },
      }),
    },
  })
}

async function check(
  { output }: CommandContext,
  { file, json }: { readonly file: string; readonly json?: boolean | undefined },
) {
  const { readPolicyFile } = await import("@aegis/server/local")
  const policy = readPolicyFile(resolve(file))
  const findings = checkPolicy(policy)
  if (json) output.data(`${JSON.stringify({ rules: policy.rules.length, findings })}\n`)
  else output.data(`${toLines(findings, policy.rules.length, output).join("\n")}\n`)
  return findings.length > 0 ? EXIT.failed : EXIT.ok
}

function toLines(findings: readonly PolicyFinding[], rules: number, { colors }: Output) {
  if (findings.length === 0)
    return [`${colors.green("✓")} ${rules} ${rules === 1 ? "rule" : "rules"}; each may decide.`]
  return findings.map(({ type, message }) => `${colors.yellow("!")} ${type}: ${message}`)
}
