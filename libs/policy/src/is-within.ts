import { compileCommandGlob, wordsOf } from "./command-glob.ts"
import { listOf } from "./compile-policy.ts"
import { anyParts, chunksOf, compileText, matchesSequence, type Part, unknownCharacter } from "./glob.ts"
import { compilePathGlob, foldPart, splitPathPattern } from "./path-glob.ts"
import type { Rule, RuleMatch } from "./policy-document.ts"
import { isWrapper } from "./wrappers.ts"

/**
 * Whether every request that `narrow` is about is surely one that `wide` is about too. It is read off the patterns: a
 * pattern lies in another if that one matches it with its stars standing for anything. "No" may also mean "unknown".
 */
export function isWithin(narrow: Rule, wide: Rule): boolean {
  // Rules that allow look at all that a request names, the others at any of it.
  if (wide.decision === "allow" && (narrow.decision !== "allow" || !coversAsMuch(narrow.match, wide.match)))
    return false
  const [inner, outer] = [narrow.match, wide.match]
  return (
    isListWithin<string>(inner.kind, outer.kind, (kind, other) => kind === other) &&
    isListWithin<string>(inner.mode, outer.mode, (mode, other) => mode === other) &&
    isListWithin(inner.tool, outer.tool, isTextWithin) &&
    isListWithin(inner.agent, outer.agent, isTextWithin) &&
    isListWithin(inner.owner, outer.owner, isTextWithin) &&
    isListWithin(inner.host, outer.host, (host, other) => isTextWithin(host.toLowerCase(), other.toLowerCase())) &&
    isListWithin(inner.path, outer.path, (path, other) => isPathWithin(path, other, { narrow, wide })) &&
    isListWithin(inner.command, outer.command, (command, other) => isCommandWithin(command, other, wide)) &&
    Object.entries(outer.labels ?? {}).every(([label, values]) =>
      isListWithin(inner.labels?.[label], values, isTextWithin),
    ) &&
    (outer.time === undefined || JSON.stringify(inner.time) === JSON.stringify(outer.time))
  )
}

// A rule that names a path allows that path and not the command beside it; and only a named tool may have no kind.
function coversAsMuch(narrow: RuleMatch, wide: RuleMatch) {
  const resources = ["path", "host", "command"] as const
  const isWhole = resources.every((field) => wide[field] === undefined)
  if (!isWhole && resources.some((field) => (narrow[field] === undefined) !== (wide[field] === undefined))) return false
  return narrow.tool === undefined || narrow.kind !== undefined || wide.tool !== undefined
}

function isListWithin<Value>(
  narrow: Value | readonly Value[] | undefined,
  wide: Value | readonly Value[] | undefined,
  isValueWithin: (value: Value, other: Value) => boolean,
) {
  const [inner, outer] = [listOf(narrow), listOf(wide)]
  if (outer === undefined) return true
  return inner?.every((value) => outer.some((other) => isValueWithin(value, other))) ?? false
}

function isTextWithin(narrow: string, wide: string) {
  return compileText(wide)(withStarsAsUnknown(narrow))
}

function isPathWithin(narrow: string, wide: string, rules: { readonly narrow: Rule; readonly wide: Rule }) {
  const isAllow = rules.wide.decision === "allow"
  const { anchor, sequence } = compilePathGlob(wide, { isAllow })
  const inner = splitPathPattern(narrow)
  if (anchor !== undefined && anchor !== inner.anchor) return false
  const parts = inner.parts.map(toPart).map((part) => (typeof part === "string" && !isAllow ? foldPart(part) : part))
  const onlyInside = rules.narrow.decision === "allow" && inner.parts.at(-1) === "**"
  const whole = onlyInside ? [...parts, unknownCharacter] : parts
  return matchesSequence(sequence, anchor === inner.anchor ? whole : [anyParts, ...whole])
}

function isCommandWithin(narrow: string, wide: string, { decision }: Rule) {
  const [inner, outer] = [compileCommandGlob(narrow), compileCommandGlob(wide)]
  const namesWrapper = [...inner.plainWords].some((word) => word === "find" || isWrapper(word.toLowerCase()))
  if (decision === "allow" && namesWrapper && ![...inner.plainWords].every((word) => outer.plainWords.has(word)))
    return false
  return matchesSequence(outer.sequence, wordsOf(narrow).map(toPart))
}

function toPart(pattern: string): Part {
  return pattern === "**" ? anyParts : withStarsAsUnknown(pattern)
}

function withStarsAsUnknown(pattern: string) {
  return chunksOf(pattern).join(unknownCharacter)
}
