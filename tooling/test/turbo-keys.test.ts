import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

interface Task {
  readonly taskId: string
  readonly dependencies: readonly string[]
}

const root = fileURLToPath(new URL("../..", import.meta.url))
const words = ["run", "test", "--dry=json", "--filter=@aegis/session-core"]
const { tasks } = JSON.parse(
  execFileSync("turbo", words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
) as { readonly tasks: readonly Task[] }

function reach(id: string): readonly string[] {
  const below = tasks.find(({ taskId }) => taskId === id)?.dependencies ?? []
  return [...below, ...below.flatMap(reach)]
}

it("a change in a leaf runs the tests of what stands on it", () => {
  expect(reach("@aegis/session-core#test")).toContain("@aegis/event-log#transit")
})
