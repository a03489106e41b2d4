/** The part of pnpm-lock.yaml that is looked at. */
export interface PnpmLockfile {
  readonly packages: Readonly<Record<string, { readonly os?: readonly string[]; readonly cpu?: readonly string[] }>>
  readonly snapshots: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>
}

/** People develop on these; an installer leaves out without a word what its registry did not have that day. */
const platforms = ["darwin-arm64", "darwin-x64", "linux-x64", "linux-arm64", "win32-x64"]

/** What makes the lock files useless elsewhere: addresses of one machine's registry, and platforms left out. */
export function lockfileProblems(
  { packages, snapshots }: PnpmLockfile,
  { text, npmTexts }: { readonly text: string; readonly npmTexts: Readonly<Record<string, string>> },
): string[] {
  const addresses = [
    /tarball: |https?:\/\//.test(text) ? "pnpm-lock.yaml names an address" : "",
    ...Object.entries(npmTexts).map(([file, npmText]) =>
      /"resolved":/.test(npmText) ? `${file} names an address` : "",
    ),
  ]
  const families = Object.entries(snapshots).map(([owner, { optionalDependencies = {} }]) => ({
    owner,
    found: platformsOf(optionalDependencies, packages),
  }))
  const withBinaries = families.filter(({ found }) => found.size > 0)
  const missing = withBinaries.flatMap(({ owner, found }) =>
    platforms.filter((platform) => !found.has(platform)).map((platform) => `${owner} has no binary for ${platform}`),
  )
  const nothing =
    withBinaries.length === 0 ? ["no package with platform binaries was found: there was nothing to look at"] : []
  return [...addresses.filter((problem) => problem !== ""), ...missing, ...nothing]
}

function platformsOf(dependencies: Readonly<Record<string, string>>, packages: PnpmLockfile["packages"]) {
  const found = Object.entries(dependencies).flatMap(([name, version]) => {
    const { os = [], cpu = [] } = packages[`${name}@${version}`] ?? {}
    return os.flatMap((system) => cpu.map((processor) => `${system}-${processor}`))
  })
  return new Set(found)
}
