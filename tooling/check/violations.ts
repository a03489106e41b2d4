/** One way to break a rule, and the step that has to see it. */
export interface Violation {
  readonly step: string
  readonly title: string
  readonly file: string
  /** The file's text with the violation in it; what was there before comes in. */
  plant(text: string): string
  /** What the step's output has to name. */
  readonly named: string
}

const planted = "libs/policy/src/planted.ts"

export const violations: readonly Violation[] = [
  {
    step: "format",
    title: "a badly formatted file",
    file: planted,
    plant: () => "export   const planted = 1;\n",
    named: "planted.ts",
  },
  {
    step: "format",
    title: "a console call in a library",
    file: planted,
    plant: () => 'console.log("planted")\n',
    named: "planted.ts",
  },
  {
    step: "lint",
    title: "a promise that nobody waits for",
    file: planted,
    plant: () => "export function planted() {\n  Promise.resolve(1)\n}\n",
    named: "planted.ts",
  },
  {
    step: "lint",
    title: "a switch that forgets a case",
    file: planted,
    plant: () => unfinishedSwitch,
    named: "planted.ts",
  },
  {
    step: "types",
    title: "a type error",
    file: planted,
    plant: () => "export const planted: number = 'one'\n",
    named: "planted.ts",
  },
  {
    step: "types",
    title: "a type error in a test",
    file: "libs/event-log/test/planted.test.ts",
    plant: () => "export const planted: number = 'one'\n",
    named: "planted.test.ts",
  },
  {
    step: "types",
    title: "a package without a type check",
    file: "libs/policy/package.json",
    plant: (text) => text.replace('"typecheck"', '"typechek"'),
    named: "libs/policy",
  },
  {
    step: "boundaries",
    title: "a leaf that imports another",
    file: planted,
    plant: () => 'export { EventLogError } from "../../event-log/src/index.ts"\n',
    named: "leaf-imports-no-package",
  },
  {
    step: "boundaries",
    title: "a value of a leaf in the pure core",
    file: "libs/session-core/src/planted.ts",
    plant: () => 'export { openMemoryLog } from "@aegis/event-log"\n',
    named: "core-sees-types-only",
  },
  {
    step: "boundaries",
    title: "another package's inner file",
    file: "libs/session-core/src/node-planted.ts",
    plant: () => 'export { sealBatch } from "../../event-log/src/seal-batch.ts"\n',
    named: "entries-only",
  },
  {
    step: "boundaries",
    title: "a cycle of files",
    file: "libs/policy/src/judge-by-mode.ts",
    plant: (text) => `import "./index.ts"\n${text}`,
    named: "no-cycle",
  },
  {
    step: "boundaries",
    title: "a test's file in what ships",
    file: planted,
    plant: () => 'import "../test/readme.test.ts"\n',
    named: "source-imports-no-test",
  },
  {
    step: "dead-code",
    title: "a file that nobody imports",
    file: planted,
    plant: () => "export const planted = 1\n",
    named: "planted.ts",
  },
  {
    step: "dead-code",
    title: "a dependency that nobody uses",
    file: "libs/policy/package.json",
    plant: (text) => text.replace('"zod":', '"canonicalize": "catalog:",\n    "zod":'),
    named: "canonicalize",
  },
  {
    step: "versions",
    title: "two versions of one dependency",
    file: "libs/policy/package.json",
    plant: (text) => text.replace('"zod": "catalog:"', '"zod": "4.0.0"'),
    named: "zod",
  },
  {
    step: "lockfiles",
    title: "an address in the lock file",
    file: "pnpm-lock.yaml",
    plant: (text) => text.replace("resolution: {integrity:", "resolution: {tarball: x.tgz, integrity:"),
    named: "names an address",
  },
  {
    step: "lockfiles",
    title: "a platform left out of the lock file",
    file: "pnpm-lock.yaml",
    plant: withoutDarwinTurbo,
    named: "turbo@2.11.9 has no binary for darwin-arm64",
  },
  {
    step: "generated",
    title: "a generated file changed by hand",
    file: "libs/acp-runtime/src/generated/agent-shapes.gen.ts",
    plant: (text) => `${text}// by hand\n`,
    named: "agent-shapes.gen.ts",
  },
  {
    step: "generated",
    title: "a generated file without a generator",
    file: "libs/policy/src/planted.gen.ts",
    plant: () => "export const planted = 1\n",
    named: "planted.gen.ts",
  },
  {
    step: "package-shape",
    title: "an entry that is not built",
    file: "libs/policy/package.json",
    plant: (text) => text.replaceAll("./dist/schema.js", "./dist/scheme.js"),
    named: "scheme.js is exported and not packed",
  },
  {
    step: "package-shape",
    title: "source in the package",
    file: "libs/policy/package.json",
    plant: (text) => text.replace(/"files": \[\s*"dist"\s*\]/, '"files": ["dist", "src"]'),
    named: "src/index.ts is packed",
  },
  {
    step: "changes",
    title: "a changeset for a package that does not exist",
    file: ".changeset/planted.md",
    plant: () => '---\n"@aegis/planted": patch\n---\n\nPlanted.\n',
    named: "planted",
  },
]

const unfinishedSwitch = `export function planted(word: "a" | "b") {
  switch (word) {
    case "a":
      return 1
  }
  return 0
}
`

function withoutDarwinTurbo(text: string) {
  return text.replace(/\n {6}'@turbo\/darwin-arm64': [^\n]+/, "")
}
