import { expect, it } from "vitest"
import { lockfileProblems, type PnpmLockfile } from "./lockfile-problems.ts"

const systems = ["darwin", "linux", "win32"]
const binaries = systems.flatMap((os) => ["x64", "arm64"].map((cpu) => ({ os, cpu, name: `tool-${os}-${cpu}` })))
const whole: PnpmLockfile = {
  packages: Object.fromEntries(binaries.map(({ name, os, cpu }) => [`${name}@1.0.0`, { os: [os], cpu: [cpu] }])),
  snapshots: {
    "tool@1.0.0": { optionalDependencies: Object.fromEntries(binaries.map(({ name }) => [name, "1.0.0"])) },
  },
}
const texts = { text: "integrity: sha512", npmTexts: { "a/package-lock.json": '"integrity": "sha512"' } }

it("is content with a lock file that has every platform and no address", () => {
  expect(lockfileProblems(whole, texts)).toEqual([])
})

it("names the platforms that are left out", () => {
  const { "tool-win32-x64": _left, ...kept } = whole.snapshots["tool@1.0.0"]?.optionalDependencies ?? {}
  const problems = lockfileProblems({ ...whole, snapshots: { "tool@1.0.0": { optionalDependencies: kept } } }, texts)
  expect(problems).toEqual(["tool@1.0.0 has no binary for win32-x64"])
})

it.each([
  ["a tarball's address", { ...texts, text: "resolution: {tarball: x.tgz}" }],
  ["an address", { ...texts, text: "https://localhost/x" }],
  ["an address of npm's", { ...texts, npmTexts: { ...texts.npmTexts, "b/package-lock.json": '"resolved": "x.tgz"' } }],
])("finds %s", (_what, planted) => {
  expect(lockfileProblems(whole, planted).join()).toContain("names an address")
})

it("is not content when there was nothing to look at", () => {
  expect(lockfileProblems({ packages: {}, snapshots: {} }, texts).join()).toContain("nothing to look at")
})
