import { type Budget, firstWorld, isAtRest, type Step, stepsFrom, type World } from "./world.ts"

export interface Exploration {
  readonly states: number
  readonly steps: number
  /** How far from the beginning the farthest state is. */
  readonly depth: number
  readonly atRest: number
  readonly problems: readonly { readonly message: string; readonly path: readonly string[] }[]
}

interface Visited {
  readonly world: World
  readonly label: string
  readonly from: Visited | undefined
  readonly depth: number
}

const MOST_PROBLEMS = 5

/**
 * Every state that the budget allows, breadth first, so that the way to a problem is a shortest one. A state that nothing
 * must follow is at rest, or something was promised and will never come.
 */
export function explore(budget: Budget, rules: (world: World) => readonly Step[] = stepsFrom): Exploration {
  const seen = new Set<string>()
  const problems: { message: string; path: string[] }[] = []
  let queue: Visited[] = [{ world: firstWorld(budget), label: "", from: undefined, depth: 0 }]
  let [steps, depth, atRest] = [0, 0, 0]
  seen.add(keyOf(queue[0]?.world))
  for (let next: Visited[] = []; queue.length > 0 && problems.length < MOST_PROBLEMS; queue = next, next = []) {
    for (const visited of queue) {
      depth = visited.depth
      const found = stepsOf(visited, rules, problems)
      steps += found.length
      if (found.every(({ isOptional }) => isOptional)) {
        atRest += 1
        if (!isAtRest(visited.world))
          problems.push({ message: "Something is waited for that never comes.", path: pathTo(visited) })
      }
      for (const { world, label } of found) {
        const key = keyOf(world)
        if (seen.has(key)) continue
        seen.add(key)
        next.push({ world, label, from: visited, depth: visited.depth + 1 })
      }
    }
  }
  return { states: seen.size, steps, depth, atRest, problems }
}

function stepsOf(
  visited: Visited,
  rules: (world: World) => readonly Step[],
  problems: { message: string; path: string[] }[],
) {
  try {
    return rules(visited.world)
  } catch (error) {
    problems.push({ message: error instanceof Error ? error.message : String(error), path: pathTo(visited) })
    return []
  }
}

function pathTo(visited: Visited) {
  const path: string[] = []
  for (let one: Visited | undefined = visited; one?.from; one = one.from) path.unshift(one.label)
  return path
}

function keyOf(world: World | undefined) {
  return JSON.stringify(world, sorted)
}

// The same state is the same text, in whichever order its parts came.
function sorted(_key: string, value: unknown) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
