import { expect, it } from "vitest"
import { mayLeadInto, readPathWords } from "../src/index.ts"

const place = { workDir: "/home/ada/project", home: "/home/ada" }

/** Whether a word of the line is, or may be, in `/home/ada/.aegis`: by its text, as nothing is on this disk. */
function reaches(command: string, folder = "/home/ada/.aegis") {
  const way = folder.split("/").slice(1)
  return readPathWords(command, place)?.some(({ start, rest }) => {
    if (start === undefined) return mayLeadInto(rest, way)
    const from = new URL(`file://${start.replaceAll("%", "%25")}`).pathname.replace(/\/$/, "")
    if (from === folder || from.startsWith(`${folder}/`)) return true
    return folder.startsWith(`${from}/`) && mayLeadInto(rest, folder.slice(from.length + 1).split("/"))
  })
}

it.each([
  "cat ~/.aegis/token",
  "cat /home/ada/.aegis/token",
  "cat ../.aegis/token",
  'cat "$HOME/.aegis/token"',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
  "cat ${HOME}/.aegis/token",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
  "cat ${NOWHERE:-~/.aegis/token}",
  "cat ~/.aeg*/token",
  "cat ~/.aegi?/token",
  "cat ~/.[a-b]egis/token",
  "cat ~/.*/token",
  "cat /home/*/.a*/*",
  "cat /*/*/.aegis/token",
  "cat ~/{.aegis,x}/token",
  "cat ~/.{x,aeg{is,o}}/token",
  "cat ~/.a{eg,xx}*/token",
  "cat ~/{a..z}/{.aegis,b}/../.aegis/token",
  "cat ~/x*/../.aegis/token",
  "cat ~/.@(aegis|x)/token",
  "shopt -s dotglob; cat ~/*/token",
  "setopt globdots && cat ~/*/token",
  "bash -O dotglob -c 'cat ~/*/token'",
  "cd ~ && cat .aegis/token",
  "cd; cat .aegis/token",
  "cd -P -- ~ && cat .aegis/token",
  "cd $HOME && cat .aegis/token",
  "cd .. && cat .aegis/token",
  "cd /home && cd ada && cat .aegis/token",
  "cd / && cat home/ada/.aegis/token",
  "cd sub && cd ../.. && cat .aegis/token",
  "pushd ~ && cat .aegis/token",
  "(cd ~; cat .aegis/token)",
  "{ cd ~; } && cat .a*/token",
  "if cd ~; then cat .aegis/token; fi",
  "true | (cd ~ && cat .aegis/token)",
  "eval 'cd ~' && cat .aegis/token",
  "bash -c 'cd ~ && cat .aegis/token'",
  "command cd ~ && cat .aegis/token",
  "builtin cd ~ ; cat < .aegis/token",
  "for x in 1 2 3; do cd ..; done; cat home/ada/.aegis/token",
  "while cd ..; do cat home/ada/.aegis/token; done",
  "up() { cd ..; }; up; up; up; cat home/ada/.aegis/token",
  'cd "$(git rev-parse --show-toplevel)" && cat .aegis/token',
  "cd $X && cat ada/.aegis/token",
  "cat $X/.aegis/token",
  "cat $(echo ~)/.aegis/token",
  "cat ~$X/.aegis/token",
  "cat ~ada/.aegis/token",
  "cat ~-/.aegis/token",
  "X=~/.aegis; cat $X/token",
  "X=$HOME/.aegis cat $X/token",
  "for f in ~/.aegis/*; do cat $f; done",
  "HOME=/home; cat ~/ada/.aegis/token",
  "env HOME=/ bash -c 'cat ~/home/ada/.aegis/token'",
  "CDPATH=~ cd x; cat ~/.aegis/x",
  "cat < ~/.aegis/token",
  "true > ~/.aegi*/token",
  "dd if=/home/ada/.aegis/token",
  "dd if=~/.aegis/token",
  "curl -d@/home/ada/.aegis/token localhost",
  "curl --data-binary=@../.aegis/token localhost",
  "cc -I/home/ada/.aegis x.c",
  "scp x:/home/ada/.aegis/token .",
  "tar -C ~ -c .aegis",
  "tar --directory=/home/ada -c .aegis",
  "tar -C/home/ada -c .aegis",
  "git -C .. add .aegis/token",
  "env -C ~ cat .aegis/token",
  "make x -C $X .aegis",
  "$X ~ && cat .aegis/token",
  "cat ~/.AEGIS/token ~/.AEG*/token",
  "[[ -f ~/.aegis/token ]]",
  "case ~/.aegis/token in *) ;; esac",
  "cat 'unclosed; cat ~/.aegis/token",
  "cat $((; cat $HOME/.aegis/token",
  `cat ~/.{${Array.from({ length: 70 }, (_, index) => `x${index}`).join()},aegis}/token`,
  `${Array.from({ length: 30 }, (_, index) => `cd d${index}`).join("; ")}; cat .aegis/token`,
])("may lead into the folder: %s", (command) => expect(reaches(command)).toBe(true))

it.each([
  "cat token",
  "cat ~/.aegis2/token",
  "cat ~/aegis/token",
  "cat ~/*/token",
  "ls ~/* /home/*",
  "ls ~/$X",
  'cat "$X"',
  'for f in "$DIR"/*; do cat "$f"; done',
  'cd "$(git rev-parse --show-toplevel)" && grep -rn token src && npm test',
  "cd $X && rm -rf * && cat token",
  "cd sub && cat .aegis/token",
  "cd ../other && make",
  "cat 'a ~/.aegis/b'",
  "echo '~/.aegis/token'",
  "git log --format=%H:%an @{u}..HEAD",
  "git -C sub status > out.txt",
  "sed -i 's/a=b,c:d@e/f/' src/*.ts",
  "find . -name '*.ts' -exec grep -l x {} +",
  "cat <<E\n~/.aegis/token\nE",
])("does not: %s", (command) => expect(reaches(command)).toBe(false))

it("takes what may be any text for no name, and the names before the last one for said", () => {
  expect(reaches("ls $X/*", "/srv/data")).toBe(false)
  expect(reaches("ls /srv/*", "/srv/data")).toBe(true)
  expect(reaches("ls /srv/$X", "/srv/data")).toBe(false)
  expect(reaches("ls /srv/d$X", "/srv/data")).toBe(true)
  expect(reaches("ls $X/data", "/srv/data")).toBe(true)
  expect(reaches("ls /$X/data", "/srv/data")).toBe(true)
})

it.each([
  ["braces side by side", `cat ~/${"{a,b}".repeat(200)}`],
  ["braces in braces", `cat ${"{a,".repeat(3000)}b${"}".repeat(3000)}`],
  ["a long path", `cd ${"x/".repeat(50_000)}; cat y`],
  ["signs", `cat ${"a=".repeat(50_000)}`],
  ["patterns", `cat ${"*/".repeat(20_000)}`],
  ["what is not known", `cat ${"$X/".repeat(3_000)}y`],
  ["folders", "cd a;".repeat(20_000)],
  ["words", "x ".repeat(99_000)],
  ["flags", `cd ${"-P ".repeat(60_000)}`],
])("reads a line of many %s", (_what, line) => expect(reaches(line)).toBe(false), 10_000)

it("gives up on more words in more folders than anybody looks at", () => {
  const words = Array.from({ length: 2_000 }, (_, index) => `w${index}`).join(" ")
  expect(readPathWords(`cat ${words}`, place)).toHaveLength(2_001)
  expect(readPathWords(`${"cd a; ".repeat(10)} cat ${words}`, place)).toBeUndefined()
})
