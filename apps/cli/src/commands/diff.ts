import type { SessionDiff } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"
import { visible } from "../output.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "diff", description: "What has changed in a session's folder since it began, as a patch" },
    args: {
      session: sessionArg,
      path: { type: "string", description: "Only this file, or this folder's", valueHint: "path" },
      ...commonArgs,
    },
    run: async ({ args: { session: name, path, config, json } }) => {
      const { client } = await requireServer(config)
      const { id } = await findSession(client, name)
      const diff = await client.getSessionDiff(id, path === undefined ? {} : { path })
      if (json) return output.json(diff)
      await output.stream(bytesOf(diff.patch))
      for (const line of notesOn(diff)) output.note(output.colors.yellow(line))
    },
  })
}

async function* bytesOf(text: string) {
  yield new TextEncoder().encode(text)
}

/** What the patch does not say. */
function* notesOn({ base, files, skipped, hasMore, isRedacted }: SessionDiff): Generator<string> {
  if (files.length === 0) yield `Nothing has changed since ${base.slice(0, 12)}.`
  const left = files.filter(({ isInPatch }) => !isInPatch).map(({ path }) => visible(path))
  if (left.length > 0) yield `Not in the patch, which is full; ask with --path: ${left.join(", ")}`
  for (const { path, reason } of skipped) yield `Not compared: ${visible(path)} (${WORDS[reason]})`
  if (hasMore) yield "More has changed than is listed: ask with --path."
  if (isRedacted) yield "What looks like a secret is hidden: this is not a patch to be applied."
}

const WORDS: Readonly<Record<SessionDiff["skipped"][number]["reason"], string>> = {
  filter: "it takes a program of the folder's own",
  repository: "a repository of its own",
  unreadable: "the server cannot read it",
}
