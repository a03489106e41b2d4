import { BaseSequencer, type TestSpecification } from "vitest/node"

/** By the beginning of a file's path in its package: what runs for longest, as it was measured; the others as they come. */
const LONGEST = ["test/routine-minute", "prove/prove-fuzz", "e2e/", "e2e-claude/", "bench/", "prove/"]

/** A clean clone knows no times of earlier runs: without this the longest file may be the last, and run alone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}

function placeOf({ moduleId, project }: TestSpecification) {
  const path = moduleId.slice(project.config.root.length + 1)
  const place = LONGEST.findIndex((beginning) => path.startsWith(beginning))
  return place < 0 ? LONGEST.length : place
}
