/** Rules in their order. Most say which kinds of call they are about, so that most calls need only a part of them looked at. */
export class RuleList<Rule extends { readonly kinds: ReadonlySet<string> | undefined }> {
  readonly all: readonly Rule[]
  readonly #parts = new Map<string, readonly Rule[]>()

  constructor(rules: readonly Rule[]) {
    this.all = rules
  }

  /** Those that may be about a call that is of one of these kinds, of which there are few; undefined: of any. */
  about(kinds: readonly string[] | undefined): readonly Rule[] {
    if (kinds === undefined) return this.all
    const name = kinds.join(" ")
    const known = this.#parts.get(name)
    if (known) return known
    const part = this.all.filter((rule) => !rule.kinds || kinds.some((kind) => rule.kinds?.has(kind)))
    this.#parts.set(name, part)
    return part
  }
}
