/**
 * Commands that run others, or change what the words after them mean. A pattern that allows has to name them in full, as
 * in `sudo systemctl status*`; to the patterns that forbid, a command may begin at each of their words. The list cannot
 * be complete: interpreters, `git -c`, `make` or `docker run` are what their patterns say, and no more is known of them.
 */
const wrappers: ReadonlySet<string> = new Set(
  `env sudo doas su pkexec runuser sg xargs parallel nohup nice ionice timeout time stdbuf setsid chroot unshare nsenter
  watch entr strace ltrace gdb script flock chrt taskset setarch fakeroot systemd-run start-stop-daemon busybox toybox
  ssh expect exec command builtin eval trap source . noglob nocorrect repeat - coproc
  export declare typeset readonly local unset set setopt unsetopt shopt alias unalias hash enable bind complete
  read mapfile readarray let function autoload zmodload`
    .split(/\s+/)
    .filter((name) => name !== ""),
)

const shells: ReadonlySet<string> = new Set(
  "sh bash dash ash ksh mksh zsh fish csh tcsh rbash pwsh powershell cmd cmd.exe".split(" "),
)

const actionsOfFind: ReadonlySet<string> = new Set(["-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "-fls"])

export function isWrapper(name: string): boolean {
  return wrappers.has(name) || shells.has(name)
}

export function changesFolder(name: string): boolean {
  return name === "cd" || name === "pushd" || name === "popd" || name === "chdir" || isWrapper(name)
}

/** The words that make `find` more than a search. */
export function actionsIn(name: string, words: readonly string[]): readonly string[] {
  return name === "find" ? words.filter((word) => actionsOfFind.has(word)) : []
}

/** The script in `sh -c 'script'`, said in exactly this way and to a shell whose grammar is read here. */
export function scriptOf([name, flags, script]: readonly string[]): string | undefined {
  const isRead = name === "sh" || name === "bash" || name === "dash"
  return isRead && flags !== undefined && /^-[elux]*c$/.test(flags) ? script : undefined
}
