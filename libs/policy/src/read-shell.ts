import {
  type Command,
  forEachChild,
  type ParsedScript,
  parse,
  type Redirect,
  type SyntaxNode,
  type Word,
  type WordPart,
} from "unbash"
import { unknownCharacter } from "./glob.ts"
import { homeFolder, patternsOf } from "./word-patterns.ts"
import { actionsIn, changesFolder, isWrapper, scriptOf } from "./wrappers.ts"

/** One simple command: of a list, a pipeline, a function, a substitution, or of a script that a shell is given. */
export interface ShellCommand {
  /** Its words after quoting; what only the shell will know is `unknownCharacter`. */
  readonly words: readonly string[]
  /** Words that a pattern which allows has to say in full. */
  readonly mustName: readonly string[]
  /** Another command may begin at any of its words. */
  readonly runsOthers: boolean
  /** `seen` is only for the rules that forbid or ask: it may run, or what it runs is judged by itself. */
  readonly role: "judged" | "seen"
}

export interface ShellReading {
  readonly commands: readonly ShellCommand[]
  /** Files that the shell itself opens, as they are written. */
  readonly files: readonly { readonly path: string; readonly use: "read" | "write" }[]
  /** Something in it is not literal, or does not parse: no pattern allows it. */
  readonly isOpaque: boolean
  /** All words that it has anywhere, as they are written: what may name a file. */
  readonly written: readonly (Word | string)[]
  /** What may change the folder that relative paths begin at, in the order in which it is written. */
  readonly moves: readonly Move[]
}

export interface Move {
  readonly words: readonly (Word | string)[]
  /** In a loop or a function: nobody knows how often. */
  readonly isRepeated: boolean
}

/**
 * Reads a command line as bash does. It never fails: what it cannot follow makes the whole opaque, and whatever it does
 * see is still there for the rules that forbid.
 *
 * What runs it may be another shell, so what only some of them understand is opaque too: `$'…'` ends elsewhere in dash,
 * `=word` and `>!` are zsh's.
 */
export function readShell(script: string): ShellReading {
  const reader: Reader = {
    commands: [],
    files: [],
    written: [],
    moves: [],
    isOpaque: script.includes("\0"),
    leavesFolder: false,
    budget: maxCharacters,
  }
  readScript(script, { reader, role: "judged", depth: 0 })
  const { commands, files, written, moves, leavesFolder } = reader
  const isLost = leavesFolder && files.some(({ path }) => !path.startsWith("/"))
  const isOpaque = reader.isOpaque || isLost || !commands.some(({ role }) => role === "judged")
  return { commands, files, isOpaque, written, moves }
}

interface Reader {
  readonly commands: ShellCommand[]
  readonly files: { readonly path: string; readonly use: "read" | "write" }[]
  readonly written: (Word | string)[]
  readonly moves: Move[]
  isOpaque: boolean
  /** Something changes the folder that relative paths begin at. */
  leavesFolder: boolean
  /** Characters that may still be read: scripts in scripts are read more than once. */
  budget: number
}

interface Place {
  readonly reader: Reader
  readonly role: ShellCommand["role"]
  readonly depth: number
  readonly isRepeated?: boolean
}

const maxDepth = 8
const maxCharacters = 200_000

function readScript(script: string, place: Place) {
  if (place.depth > maxDepth || !spend(script, place)) return readRoughly(script, { ...place, role: "judged" })
  try {
    const tree = parse(script)
    // Behind an error there may be more than the parser tells.
    if (hasErrors(tree)) readRoughly(script, place)
    visit(tree, place)
  } catch {
    // What the parser gives up on is not allowed, and still looked at.
    readRoughly(script, place)
  }
}

function hasErrors(script: ParsedScript | undefined) {
  return script?.errors !== undefined && script.errors.length > 0
}

function spend(text: string, { reader }: Place) {
  reader.budget -= text.length
  return reader.budget >= 0
}

/** What is nested too deep or too long to be read: its words, without grammar, for the rules that forbid. */
function readRoughly(text: string, place: Place) {
  const { reader } = place
  markOpaque(place)
  reader.leavesFolder = true
  const words = text.replaceAll(/['"\\]/g, "").split(/[\s;&|()<>`${}]+/)
  reader.commands.push({ words, mustName: [], runsOthers: true, role: "seen" })
  reader.written.push(...words)
  reader.moves.push({ words, isRepeated: true })
}

// What is seen only says nothing about whether the rest may be allowed.
function markOpaque({ reader, role }: Place) {
  if (role === "judged") reader.isOpaque = true
}

function visit(node: SyntaxNode, place: Place) {
  // The parser reads these when they are asked for, each from its beginning.
  if (isNested(node) && !spend(node.text, place)) return readRoughly(node.text, { ...place, role: "judged" })
  if (isOpaque(node)) markOpaque(place)
  if ("script" in node && hasErrors(node.script)) readRoughly(node.text, place)
  if (node.type === "Word") place.reader.written.push(node)
  if (node.type === "Assignment") place.reader.written.push(`${node.name}=`)
  if (node.type === "Command") readCommand(node, place)
  if (node.type === "Redirect") readRedirect(node, place)
  // Without the option that makes a pattern of it, `!(rm x)` is a subshell.
  if (node.type === "ExtendedGlob") readScript(node.pattern, { ...place, role: "seen", depth: place.depth + 1 })
  const inside = repeatingTypes.has(node.type) ? { ...place, isRepeated: true } : place
  forEachChild(node, (child) => visit(child, inside))
}

const repeatingTypes: ReadonlySet<SyntaxNode["type"]> = new Set(["For", "ArithmeticFor", "Select", "While", "Function"])

function isNested(node: SyntaxNode) {
  return (
    node.type === "CommandExpansion" ||
    node.type === "ProcessSubstitution" ||
    node.type === "ArithmeticExpansion" ||
    node.type === "ArithmeticCommandExpansion" ||
    node.type === "ParameterExpansion"
  )
}

// Names that change nothing but how a program behaves or prints: PATH, LD_*, NODE_OPTIONS and thousands like them run code.
const harmlessVariables: ReadonlySet<string> = new Set(["CI", "NODE_ENV", "NO_COLOR", "FORCE_COLOR"])

function isOpaque(node: SyntaxNode) {
  switch (node.type) {
    case "Script":
      return hasErrors(node)
    case "Word":
      // Home folders, and zsh's way to look up a command.
      return node.text.startsWith("~") || node.text.startsWith("=")
    case "Assignment":
      return node.index !== undefined || !harmlessVariables.has(node.name)
    case "For":
    case "Select":
      return !harmlessVariables.has(node.name.value)
    case "HereDoc":
      return node.closing === undefined
    default:
      return opaqueTypes.has(node.type)
  }
}

// Arithmetic and tests run the substitutions in their words, quoted ones too: [[ 'a[$(rm x)]' -eq 1 ]].
const opaqueTypes: ReadonlySet<SyntaxNode["type"]> = new Set([
  "ArithmeticCommand",
  "ArithmeticFor",
  "ArrayValue",
  "TestCommand",
  "Function",
  "Coproc",
  "FileDescriptorVariable",
  "AnsiCQuoted",
  "LocaleString",
  "SimpleExpansion",
  "ParameterExpansion",
  "CommandExpansion",
  "ArithmeticExpansion",
  "ProcessSubstitution",
  "BraceExpansion",
  "ExtendedGlob",
  "Glob",
])

function readCommand(command: Command, place: Place) {
  if (command.name === undefined) return
  const words = [command.name, ...command.args].map((word) => (word.type === "Word" ? textOf(word) : word.text))
  const name = nameOf(words)
  const isUnknown = name.includes(unknownCharacter)
  const runsOthers = isUnknown || isWrapper(name) || actionsIn(name, words).length > 0
  const script = place.role === "judged" ? scriptOf(words) : undefined
  const mustName = runsOthers ? [words[0] ?? "", ...actionsIn(name, words)] : []
  place.reader.commands.push({ words, mustName, runsOthers, role: script === undefined ? place.role : "seen" })
  if (isUnknown || changesFolder(name)) place.reader.leavesFolder = true
  const written = [command.name, ...command.args.map((word) => (word.type === "Word" ? word : word.text))]
  place.reader.moves.push({ words: written, isRepeated: place.isRepeated ?? false })
  if (script !== undefined) readScript(script, { ...place, depth: place.depth + 1 })
  else if (runsOthers)
    for (const text of scriptsIn(words, command)) readScript(text, { ...place, role: "seen", depth: place.depth + 1 })
}

// By the file's name and in small letters: some file systems do not tell SUDO from sudo.
function nameOf([word = ""]: readonly string[]) {
  return word.slice(word.lastIndexOf("/") + 1).toLowerCase()
}

/** What a command that runs others may take for a script: its words, all of them together, what it is sent. */
function scriptsIn([, ...words]: readonly string[], { redirects }: Command) {
  const sent = redirects.flatMap((redirect) => {
    if (redirect.type === "HereDoc") return [redirect.body.text]
    return redirect.type === "HereString" && redirect.target ? [textOf(redirect.target)] : []
  })
  const single = words.filter((word) => /[\s;&|()<>`$]/.test(word))
  return [...single, ...(single.length === 1 ? [] : [words.join(" ")]), ...sent]
}

// Nothing is kept of what is written there, nor is anything read.
const harmlessFiles: ReadonlySet<string> = new Set(["/dev/null", "/dev/stdout", "/dev/stderr"])

function readRedirect({ operator, target }: Redirect, place: Place) {
  if (target === undefined) return markOpaque(place)
  const mayBeInHome = /~|HOME/.test(target.text)
  const isInHome = mayBeInHome && patternsOf(target).every((pattern) => pattern.startsWith(`${homeFolder}/`))
  const path = isInHome ? `~/${textOf(target).slice(2)}` : textOf(target)
  const isDescriptor = (operator === ">&" || operator === "<&") && /^(\d+-?|-)$/.test(path)
  if (isDescriptor || harmlessFiles.has(path)) return
  // Connections by name are bash's, and `>!` writes to the next word in zsh.
  if (path === "" || path.startsWith("!") || /^\/dev\/(tcp|udp)\//.test(path)) markOpaque(place)
  place.reader.files.push({ path, use: operator === "<" || operator === "<&" ? "read" : "write" })
}

function textOf(word: Word) {
  const text = word.parts === undefined ? word.value : word.parts.map(textOfPart).join("")
  return word.text.startsWith("~") ? unknownCharacter + text.slice(1) : text
}

function textOfPart(part: WordPart): string {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      return part.value
    case "DoubleQuoted":
    case "LocaleString":
      return part.parts.map(textOfPart).join("")
    default:
      return unknownCharacter
  }
}
