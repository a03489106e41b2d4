/** Code that stands on one line where it fits, and otherwise with an item a line: what `ruff format` makes of it too. */
export type Code = string | { readonly open: string; readonly items: readonly Code[]; readonly close: string }

const WIDTH = 120

/** Lines from the given indentation on; `after` is what follows on the same line. */
export function layOut(code: Code, indent = "", after = ""): string {
  const flat = flatten(code)
  if (typeof code === "string" || indent.length + flat.length + after.length <= WIDTH) return indent + flat + after
  const items = code.items.map((item) => layOut(item, `${indent}    `, ","))
  return [indent + code.open, ...items, indent + code.close + after].join("\n")
}

/** A text between three quotes. */
export function docString(text: string, indent: string) {
  const escaped = text.trim().replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"')
  const [first, ...others] = escaped.replace(/"$/, '".').split("\n")
  const end = others.length > 0 ? `\n${indent}"""` : '"""'
  return `${indent}"""${[first, ...others.map((line) => (line.trim() === "" ? "" : indent + line.trim()))].join("\n")}${end}`
}

/** The words of code, without what is said in its doc strings. */
export function wordsOf(code: string): ReadonlySet<string> {
  return new Set(code.replaceAll(/"""[\s\S]*?"""/g, "").match(/\w+/g))
}

/** Imports of those names that are used: a group a paragraph, the last of them left open. */
export function importBlock(
  words: ReadonlySet<string>,
  groups: readonly Readonly<Record<string, readonly string[]>>[],
) {
  const paragraphs = groups.map((group) =>
    Object.entries(group)
      .map(([from, names]) =>
        importFrom(
          from,
          names.filter((name) => words.has(name)),
        ),
      )
      .join(""),
  )
  return paragraphs.filter((paragraph) => paragraph !== "").join("\n")
}

/** An import, which takes parentheses where it is long. */
export function importFrom(from: string, names: readonly string[]) {
  if (names.length === 0) return ""
  const line = `from ${from} import ${names.join(", ")}`
  const long = { open: `from ${from} import (`, items: names, close: ")" }
  return `${line.length <= WIDTH ? line : layOut(long)}\n`
}

function flatten(code: Code): string {
  return typeof code === "string" ? code : code.open + code.items.map(flatten).join(", ") + code.close
}
