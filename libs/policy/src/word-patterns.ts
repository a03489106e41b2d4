import { parse, type Word, type WordPart } from "unbash"
import { unknownCharacter } from "./glob.ts"

/** What the shell makes of a pattern: any run of characters within a name. */
export const anyRun = "\ufdd0"
/** The home folder, where the shell writes it. */
export const homeFolder = "\ufdd1"

/** Of one word; what has more stands for anything. */
const maxPatterns = 64
const maxDepth = 4

/**
 * What a word may become, with what the shell puts in where it is known what: home folders, braces, patterns. All else that is
 * not literal is `unknownCharacter`, which may be any text.
 */
export function patternsOf(word: Word): readonly string[] {
  const texts = combine(word.parts?.map(patternsOfPart) ?? [[word.value]])
  return word.text.startsWith("~") ? texts.map(withHome) : texts
}

/** `~` is a home folder's name at a word's beginning, and where it stands behind a sign. */
export function withHome(text: string) {
  if (!text.startsWith("~")) return text
  if (text === "~" || text.startsWith("~/")) return homeFolder + text.slice(1)
  // Somebody's, or a folder of before.
  return unknownCharacter + (text.includes("/") ? text.slice(text.indexOf("/")) : "")
}

function combine(choices: readonly (readonly string[])[]): readonly string[] {
  let texts: readonly string[] = [""]
  for (const choice of choices) {
    const ends = texts.length * choice.length > maxPatterns ? [unknownCharacter] : choice
    texts = texts.flatMap((text) => ends.map((end) => text + end))
  }
  return texts
}

function patternsOfPart(part: WordPart): readonly string[] {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      return [part.value]
    case "DoubleQuoted":
    case "LocaleString":
      return combine(part.parts.map(patternsOfPart))
    case "Glob":
    case "ExtendedGlob":
      return [anyRun]
    case "BraceExpansion":
      return patternsOfBraces(part.text)
    case "SimpleExpansion":
      return [valueOfVariable(part.text.slice(1))]
    case "ParameterExpansion":
      return [part.prefix || part.index || part.operation ? unknownCharacter : valueOfVariable(part.parameter)]
    default:
      return [unknownCharacter]
  }
}

function valueOfVariable(variable: string) {
  if (variable === "HOME") return homeFolder
  return variable === "PWD" ? "." : unknownCharacter
}

function patternsOfBraces(text: string) {
  const choices = /['"\\`(]/.test(text) ? [] : choicesIn(text.slice(1, -1))
  // One only is a range, and a range has signs in it too.
  if (choices.length < 2 || choices.length > maxPatterns) return [unknownCharacter]
  return choices.flatMap((choice) => {
    const [word] = wordsIn(choice)
    return word ? patternsOf(word) : [""]
  })
}

function wordsIn(choice: string) {
  const [statement] = parse(`: ${choice}`).commands
  const command = statement?.command
  return command?.type === "Command" ? command.args.filter((word) => word.type === "Word") : []
}

/** Between the commas that are not in braces of their own; none where these are nested deeper than anybody writes them. */
function choicesIn(text: string) {
  const choices = [""]
  let depth = 0
  for (const character of text) {
    if (character === "{") depth++
    if (depth > maxDepth) return []
    if (character === "}") depth--
    if (character === "," && depth === 0) choices.push("")
    else choices[choices.length - 1] += character
  }
  return choices
}
