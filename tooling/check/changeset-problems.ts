import { parse } from "yaml"

/** What is wrong with a changeset's text: it has to name packages that are published, how much each grows, and why. */
export function changesetProblems(text: string, published: readonly string[]): readonly string[] {
  const [, head, summary = ""] = /^---\r?\n(.*?)^---\r?\n(.*)$/ms.exec(text) ?? []
  if (head === undefined) return ["has no head between two lines of ---"]
  const bumps = Object.entries((parse(head) ?? {}) as Record<string, unknown>)
  return [
    ...bumps.filter(([name]) => !published.includes(name)).map(([name]) => `names ${name}, which is not published`),
    ...bumps
      .filter(([, bump]) => !["patch", "minor", "major"].includes(String(bump)))
      .map(([name, bump]) => `wants "${String(bump)}" for ${name}: patch, minor or major`),
    ...(summary.trim() === "" ? ["says nothing to the people who read it"] : []),
  ]
}
