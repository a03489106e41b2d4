/** One way to break a rule, and the step that has to see it. */
export interface Violation {
  readonly step: string
  readonly title: string
  readonly file: string
  /** The file's text with the violation in it; what was there before comes in. */
  plant(text: string): string
  /** Files that the violation needs beside it. */
  readonly beside?: Readonly<Record<string, string>>
  /** What the step's output has to name: where it is, or which rule it breaks. */
  readonly named: readonly string[]
}

const planted = "libs/policy/src/planted.ts"
const document = "libs/openapi-contract/openapi.json"

export const violations: readonly Violation[] = [
  {
    step: "format",
    title: "a badly formatted file",
    file: planted,
    plant: () => "export   const planted = 1;\n",
    named: ["planted.ts", "Formatter would have printed"],
  },
  {
    step: "format",
    title: "a console call in a library",
    file: planted,
    plant: () => 'console.log("planted")\n',
    named: ["planted.ts", "noConsole"],
  },
  {
    step: "lint",
    title: "a promise that nobody waits for",
    file: planted,
    plant: () => "export function planted() {\n  Promise.resolve(1)\n}\n",
    named: ["planted.ts", "no-floating-promises"],
  },
  {
    step: "lint",
    title: "a regular expression whose time grows faster than the text",
    file: planted,
    plant: () => "export const planted = /^(?:a+)+$/\n",
    named: ["planted.ts", "no-super-linear-backtracking"],
  },
  {
    step: "lint",
    title: "a switch that forgets a case",
    file: planted,
    plant: () => unfinishedSwitch,
    named: ["planted.ts", "switch-exhaustiveness-check"],
  },
  {
    step: "types",
    title: "a type error",
    file: planted,
    plant: () => "export const planted: number = 'one'\n",
    named: ["src/planted.ts", "TS2322"],
  },
  {
    step: "types",
    title: "a type error in a test",
    file: "libs/event-log/test/planted.test.ts",
    plant: () => "export const planted: number = 'one'\n",
    named: ["test/planted.test.ts", "TS2322"],
  },
  {
    step: "types",
    title: "a file that nobody looks at",
    file: "planted.ts",
    plant: () => "export const planted = 1\n",
    named: ["planted.ts is in no program"],
  },
  {
    step: "types",
    title: "a name of Node's in what runs anywhere",
    file: "libs/client/src/planted.ts",
    plant: () => "export const planted = process.pid\n",
    named: ["src/planted.ts", "TS2591"],
  },
  {
    step: "boundaries",
    title: "a leaf that imports another",
    file: planted,
    plant: () => 'export { EventLogError } from "../../event-log/src/index.ts"\n',
    named: ["leaf-imports-no-package"],
  },
  {
    step: "boundaries",
    title: "a value of a leaf in the pure core",
    file: "libs/session-core/src/planted.ts",
    plant: () => 'export { openMemoryLog } from "@aegis/event-log"\n',
    named: ["core-sees-types-only"],
  },
  {
    step: "boundaries",
    title: "another package's inner file",
    file: "libs/session-core/src/node-planted.ts",
    plant: () => 'export { sealBatch } from "../../event-log/src/seal-batch.ts"\n',
    named: ["entries-only"],
  },
  {
    step: "boundaries",
    title: "a cycle of files",
    file: "libs/policy/src/judge-by-mode.ts",
    plant: (text) => `import "./index.ts"\n${text}`,
    named: ["no-cycle"],
  },
  {
    step: "boundaries",
    title: "a test's file in what ships",
    file: planted,
    plant: () => 'import "../test/readme.test.ts"\n',
    named: ["source-imports-no-tooling"],
  },
  {
    step: "dead-code",
    title: "a file that nobody imports",
    file: planted,
    plant: () => "export const planted = 1\n",
    named: ["planted.ts", "Unused files"],
  },
  {
    step: "boundaries",
    title: "a library above the core in the core",
    file: "libs/session-core/src/node-planted.ts",
    plant: () => 'import "../../planted/src/index.ts"\n',
    beside: { "libs/planted/src/index.ts": "export {}\n" },
    named: ["core-knows-its-neighbours"],
  },
  {
    step: "boundaries",
    title: "judgement in the contract",
    file: "libs/openapi-contract/src/planted.ts",
    plant: () => 'export { judgeByMode } from "../../policy/src/index.ts"\n',
    named: ["contract-is-data"],
  },
  {
    step: "boundaries",
    title: "a dependency of the client",
    file: "libs/client/src/planted.ts",
    plant: () => 'import "node:fs"\n',
    named: ["client-imports-nothing"],
  },
  {
    step: "boundaries",
    title: "an app in a library",
    file: planted,
    plant: () => 'import "../../../apps/planted/src/index.ts"\n',
    beside: { "apps/planted/src/index.ts": "export {}\n" },
    named: ["lib-imports-no-app"],
  },
  {
    step: "boundaries",
    title: "an app in an app",
    file: "apps/planted/src/planted.ts",
    plant: () => 'import "../../other/src/index.ts"\n',
    beside: { "apps/planted/package.json": "{}\n", "apps/other/src/index.ts": "export {}\n" },
    named: ["app-imports-no-app"],
  },
  {
    step: "boundaries",
    title: "another app than MCP in the server",
    file: "apps/server/src/planted.ts",
    plant: () => 'import "../../planted/src/index.ts"\n',
    beside: { "apps/planted/src/index.ts": "export {}\n" },
    named: ["server-hosts-mcp-only"],
  },
  {
    step: "boundaries",
    title: "an inner file of the server in the CLI",
    file: "apps/cli/src/planted.ts",
    plant: () => 'import "../../server/src/app.ts"\n',
    named: ["cli-carries-entries-only"],
  },
  {
    step: "boundaries",
    title: "a session library in the CLI",
    file: "apps/cli/src/planted.ts",
    plant: () => 'import "../../../libs/session-core/src/index.ts"\n',
    named: ["cli-talks-http"],
  },
  {
    step: "boundaries",
    title: "tooling in what ships",
    file: planted,
    plant: () => 'import "../../../tooling/vitest/run-readme.ts"\n',
    named: ["source-imports-no-tooling"],
  },
  {
    step: "boundaries",
    title: "a library behind a door",
    file: "apps/mcp/src/planted.ts",
    plant: () => 'import "../../../libs/policy/src/index.ts"\n',
    beside: { "apps/planted/package.json": "{}\n" },
    named: ["door-talks-http"],
  },
  {
    step: "boundaries",
    title: "an import that leads nowhere",
    file: planted,
    plant: () => 'import "./nowhere.ts"\n',
    named: ["no-unresolved"],
  },
  {
    step: "dead-code",
    title: "an export that nobody imports",
    file: "libs/policy/src/judge-by-mode.ts",
    plant: (text) => `${text}\nexport const planted = 1\n`,
    named: ["Unused exports", "planted"],
  },
  {
    step: "dead-code",
    title: "a dependency that nobody uses",
    file: "libs/policy/package.json",
    plant: (text) => text.replace('"zod":', '"canonicalize": "catalog:",\n    "zod":'),
    named: ["canonicalize", "Unused dependencies"],
  },
  {
    step: "versions",
    title: "a version beside the catalog",
    file: "libs/policy/package.json",
    plant: (text) => text.replace('"zod": "catalog:"', '"zod": "4.0.0"'),
    named: ["libs/policy/package.json wants zod 4.0.0"],
  },
  {
    step: "versions",
    title: "a list of no dependencies",
    file: "libs/policy/package.json",
    plant: (text) => text.replace('"dependencies":', '"optionalDependencies": {},\n  "dependencies":'),
    named: ["libs/policy/package.json", "empty-dependencies"],
  },
  {
    step: "lockfiles",
    title: "an address in the lock file",
    file: "pnpm-lock.yaml",
    plant: (text) => text.replace("resolution: {integrity:", "resolution: {tarball: x.tgz, integrity:"),
    named: ["names an address"],
  },
  {
    step: "lockfiles",
    title: "a platform left out of the lock file",
    file: "pnpm-lock.yaml",
    plant: withoutDarwinTurbo,
    named: ["turbo@2.11.9 has no binary for darwin-arm64"],
  },
  {
    step: "document",
    title: "two operations of one name",
    file: document,
    plant: (text) => text.replace('"operationId": "getVersion"', '"operationId": "getHealth"'),
    named: ["operation-operationId-unique"],
  },
  {
    step: "document",
    title: "an example that is none",
    file: document,
    plant: (text) => text.replace('"example": "review"', '"example": "{review}"'),
    named: ["no-invalid-schema-examples"],
  },
  {
    step: "document",
    title: "an operation under a heading that there is not",
    file: document,
    plant: (text) => text.replace(/"tags": \[\s*"Pipelines"/, '"tags": ["Pipeline"'),
    named: ["operation-tag-defined"],
  },
  {
    step: "document",
    title: "a name of another generator's that is no type",
    file: document,
    plant: (text) => text.replaceAll('#/components/schemas/Ok"', '#/components/schemas/Okay"'),
    named: ["openapi-typescript"],
  },
  {
    step: "generated",
    title: "a generated file changed by hand",
    file: "libs/acp-runtime/src/generated/agent-shapes.gen.ts",
    plant: (text) => `${text}// by hand\n`,
    named: ["agent-shapes.gen.ts is not what its generator makes"],
  },
  {
    step: "generated",
    title: "a generated file of Python changed by hand",
    file: "libs/client-python/src/aegis_python_client/_generated/operations.py",
    plant: (text) => `${text}# by hand\n`,
    named: ["_generated/operations.py is not what its generator makes"],
  },
  {
    step: "generated",
    title: "a generated file that its generator does not make",
    file: "libs/acp-runtime/src/generated/planted.gen.ts",
    plant: () => "export const planted = 1\n",
    named: ["planted.gen.ts is not what its generator makes"],
  },
  {
    step: "generated",
    title: "a generated file without a generator",
    file: "libs/policy/src/planted.gen.ts",
    plant: () => "export const planted = 1\n",
    named: ["planted.gen.ts has no generator"],
  },
  {
    step: "package-shape",
    title: "an entry that is not built",
    file: "libs/policy/package.json",
    plant: (text) => text.replaceAll("./dist/schema.js", "./dist/scheme.js"),
    named: ["scheme.js is exported and not packed"],
  },
  {
    step: "package-shape",
    title: "source in the package",
    file: "libs/policy/package.json",
    plant: (text) => text.replace(/"files": \[\s*"dist"\s*\]/, '"files": ["dist", "src"]'),
    named: ["src/index.ts is packed"],
  },
  {
    step: "changes",
    title: "a changeset without words",
    file: ".changeset/planted.md",
    plant: () => '---\n"@aegis/policy": patch\n---\n',
    named: ["planted.md says nothing"],
  },
  {
    step: "changes",
    title: "a changeset for a package that does not exist",
    file: ".changeset/planted.md",
    plant: () => '---\n"@aegis/planted": patch\n---\n\nPlanted.\n',
    named: ["@aegis/planted"],
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
