import type { AegisClient, ApiKey, CreateApiKey, CreatedApiKey } from "@aegis/client"
import { RoleSchema } from "@aegis/policy/schema"
import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, requireServer } from "../common-args.ts"
import { millisecondsOf } from "../milliseconds-of.ts"
import { fit, type Output, pad, visible } from "../output.ts"

const ROLES = RoleSchema.options
const keyArg = { type: "positional", description: "Id, or name", required: true } as const

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "keys", description: "Who else may come in: keys for people and programs" },
    subCommands: {
      list: defineCommand({
        meta: { name: "list", description: "The keys that are good, newest first" },
        args: commonArgs,
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const { items } = await client.listApiKeys()
          if (args.json) output.json(items)
          else if (items.length === 0) output.note('No keys yet. Make one: ag keys create "CI" --role operator')
          else output.data(table(items, output))
        },
      }),
      create: defineCommand({
        meta: { name: "create", description: "Make a key; it is shown this once" },
        args: {
          name: { type: "positional", description: "What it is for", required: true },
          role: { type: "string", description: `What it may do: ${ROLES.join(", ")}`, default: "viewer" },
          permissions: { type: "string", description: "Of the role custom: session.read,session.send,…" },
          user: { type: "string", description: "For whom it acts; else for you" },
          tenant: { type: "string", description: "Whose things it sees; else yours" },
          expires: { type: "string", description: "After how long it ends: 12h, 30d", valueHint: "duration" },
          ...commonArgs,
        },
        run: async ({ args }) => {
          const wish = toWish(args)
          const { client } = await requireServer(args.config)
          tell(await client.createApiKey(wish), args, output)
        },
      }),
      rotate: defineCommand({
        meta: { name: "rotate", description: "Give a key another secret; it is shown this once" },
        args: {
          key: keyArg,
          grace: { type: "string", description: "How long the one before stays good: 1h", valueHint: "duration" },
          ...commonArgs,
        },
        run: async ({ args }) => {
          const graceSeconds = args.grace === undefined ? 0 : millisecondsOf(args.grace) / 1000
          const { client } = await requireServer(args.config)
          const { id } = await findKey(client, args.key)
          tell(await client.rotateApiKey(id, { graceSeconds }), args, output)
        },
      }),
      revoke: defineCommand({
        meta: { name: "revoke", description: "End a key for good, and its open streams at once" },
        args: { key: keyArg, ...commonArgs },
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const { id, name } = await findKey(client, args.key)
          const answer = await client.revokeApiKey(id)
          if (args.json) output.json({ id, ...answer })
          else output.note(`${output.colors.green("✓")} ${visible(name)} (${id}) opens nothing any more.`)
        },
      }),
    },
  })
}

interface WishArgs {
  readonly name: string
  readonly role: string
  readonly permissions?: string | undefined
  readonly user?: string | undefined
  readonly tenant?: string | undefined
  readonly expires?: string | undefined
}

function toWish({ name, role, permissions, user, tenant, expires }: WishArgs): CreateApiKey {
  const known = ROLES.find((one) => one === role)
  if (known === undefined) throw new CliError("usage", `There is no role "${role}". There are: ${ROLES.join(", ")}.`)
  // What is no permission the server says, with the place.
  const list = permissions?.split(",").map((permission) => permission.trim()) as CreateApiKey["permissions"]
  return {
    name,
    role: known,
    ...(list ? { permissions: list } : {}),
    ...(user === undefined ? {} : { userId: user }),
    ...(tenant === undefined ? {} : { tenantId: tenant }),
    ...(expires === undefined ? {} : { expiresAt: new Date(Date.now() + millisecondsOf(expires)).toISOString() }),
  }
}

async function findKey(client: AegisClient, wanted: string) {
  const { items } = await client.listApiKeys()
  const found =
    items.find(({ id }) => id === wanted) ??
    only(
      items.filter(({ name }) => name === wanted),
      wanted,
    )
  if (found) return found
  throw Object.assign(new CliError("failed", `There is no key "${wanted}". See: ag keys list`), { status: 404 })
}

function only(items: readonly ApiKey[], wanted: string) {
  if (items.length < 2) return items[0]
  throw new CliError(
    "usage",
    `${items.length} keys are called "${wanted}"; say which: ${items.map(({ id }) => id).join(", ")}`,
  )
}

// The key alone is what was asked for: it can be piped into a file or a secret store.
function tell(
  { key, ...made }: CreatedApiKey,
  { json: isJson }: { readonly json?: boolean | undefined },
  { data, json, note, colors }: Output,
) {
  if (key === undefined)
    throw new CliError(
      "failed",
      `The key was made, and was lost on its way here. Make another secret: ag keys rotate ${made.id}`,
    )
  if (isJson) return json({ ...made, key })
  const until = made.previousUntil === undefined ? "" : ` The one before is good until ${made.previousUntil}.`
  note(`${colors.green("✓")} ${visible(made.name)}: ${termsOf(made)}. It is not shown again.${until}`)
  data(`${key}\n`)
}

function table(items: readonly ApiKey[], output: Output) {
  const rows = items.map((key) => ({ key, terms: termsOf(key) }))
  const width = Math.max(...rows.map(({ terms }) => terms.length))
  const rest = Math.max(10, output.columns - 12 - width - 5)
  return rows.map(({ key, terms }) => `${key.id}  ${pad(terms, width)}  ${fit(visible(key.name), rest)}\n`).join("")
}

function termsOf({ role, userId, tenantId, expiresAt }: ApiKey) {
  const who = tenantId === "local" ? userId : `${userId} of ${tenantId}`
  return `${role} for ${visible(who)}${expiresAt === undefined ? "" : ` until ${expiresAt.slice(0, 10)}`}`
}
