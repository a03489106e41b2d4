/** `workDir` is `work_dir`; what Python or its models need for themselves gets a `_` at its end. */
export function snakeCase(name: string) {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[^A-Za-z0-9]+/g, "_")
  const snake = words.toLowerCase()
  return RESERVED.has(snake) ? `${snake}_` : snake
}

/** `session.rate_limited` is `SessionRateLimited`. */
export function pascalCase(name: string) {
  const words = name.split(/[^A-Za-z0-9]+/)
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")
}

/** What a list's name calls one of its things. */
export function singular(name: string) {
  return name.replace(/ies$/, "y").replace(/([^s])s$/, "$1")
}

/** What the models take a field to be on the wire, unless they are told: wire.py says the same. */
export function wireName(field: string) {
  const [first = "", ...others] = field.split("_")
  return first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")
}

// Keywords; types that annotations name; what every model has.
const RESERVED = new Set(
  `and as assert async await break class continue def del elif else except false finally for from global if import in is
  lambda none nonlocal not or pass raise return true try while with yield self
  bool dict float int list str any datetime
  copy construct json schema validate`.split(/\s+/),
)
