import type { AegisParts } from "./aegis-parts.ts"

type Judge = AegisParts["judge"]

/**
 * A judge that allows nothing by itself while something says that it may not: then a person is asked. What is denied is
 * denied all the same.
 */
export function askUnless(mayAllow: (() => Promise<boolean>) | undefined, judge: Judge): Judge {
  if (mayAllow === undefined) return judge
  return async (request) => {
    const judgement = await judge(request)
    if (judgement.decision !== "allow" || (await mayAllow())) return judgement
    return { ...judgement, decision: "ask", reason: `It cannot be allowed without a person now: ${judgement.reason}` }
  }
}
