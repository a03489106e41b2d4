import type { Excess, ExtendBudget, Session } from "@aegis/client"
import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"
import { dollars } from "../event-printer.ts"
import { excessWords } from "../excess-words.ts"
import { type Output, visible } from "../output.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "budget", description: "Budgets: what work may cost" },
    subCommands: {
      extend: defineCommand({
        meta: { name: "extend", description: "Allow more than the limit of a budget, so that its prompts go on" },
        args: {
          session: sessionArg,
          usd: { type: "string", description: "So many US dollars more", valueHint: "amount" },
          tokens: { type: "string", description: "So many tokens more", valueHint: "count" },
          budget: { type: "string", description: "Which one; else the one that holds the session", valueHint: "name" },
          reason: { type: "string", description: "Why" },
          ...commonArgs,
        },
        run: async ({ args }) => {
          const wish = toWish(args)
          const { client } = await requireServer(args.config)
          const { exceeded: held, id } = await client.getSession((await findSession(client, args.session)).id)
          const session = await client.extendBudget(id, wish)
          if (args.json) output.json(session)
          else tell(session, { wish, held, output })
        },
      }),
    },
  })
}

interface ExtendArgs {
  readonly usd?: string | undefined
  readonly tokens?: string | undefined
  readonly budget?: string | undefined
  readonly reason?: string | undefined
}

function toWish({ usd, tokens, budget, reason }: ExtendArgs): ExtendBudget {
  if (usd === undefined && tokens === undefined)
    throw new CliError("usage", "Say how much more: --usd 5, --tokens 100000 or both.")
  return {
    ...(usd === undefined ? {} : { usd: amount(usd, "--usd") }),
    ...(tokens === undefined ? {} : { tokens: amount(tokens, "--tokens") }),
    ...(budget ? { account: budget } : {}),
    ...(reason ? { reason } : {}),
  }
}

function amount(text: string, name: string) {
  const number = Number(text)
  const isAmount = name === "--tokens" ? Number.isSafeInteger(number) : Number.isFinite(number)
  if (isAmount && number > 0) return number
  throw new CliError("usage", `"${text}" is nothing to allow: write ${name} and how much more, as a number.`)
}

interface TellOptions {
  readonly wish: ExtendBudget
  /** By what the session was held. */
  readonly held: Excess | undefined
  readonly output: Output
}

function tell({ id, exceeded }: Session, { wish, held, output }: TellOptions) {
  const { colors } = output
  const name = wish.account ?? held?.account ?? ""
  const allows = held?.account === name ? `allows ${allowedNow(held, wish)} now` : `allows ${moreOf(wish)} more`
  output.note(`${colors.green("✓")} ${id.slice(0, 8)}: budget "${visible(name)}" ${allows}.`)
  if (held) output.note(colors.dim(`  It was held: ${visible(held.reason)}`))
  if (exceeded) output.note(colors.yellow(`◌ It still waits: ${excessWords(exceeded, id)}`))
}

function allowedNow({ limit, granted }: Excess, { usd = 0, tokens = 0 }: ExtendBudget) {
  const cost = limit.cost === undefined ? undefined : limit.cost + granted.cost + Math.round(usd * 1_000_000)
  return wordsOf({ cost, tokens: limit.tokens === undefined ? undefined : limit.tokens + granted.tokens + tokens })
}

function moreOf({ usd, tokens }: ExtendBudget) {
  return wordsOf({ cost: usd === undefined ? undefined : usd * 1_000_000, tokens })
}

function wordsOf({ cost, tokens }: { readonly cost: number | undefined; readonly tokens: number | undefined }) {
  return [
    ...(cost === undefined ? [] : [dollars(cost)]),
    ...(tokens === undefined ? [] : [`${tokens.toLocaleString("en-US")} tokens`]),
  ].join(" and ")
}
