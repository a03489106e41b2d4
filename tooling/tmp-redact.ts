import { redactText } from "../libs/redact/src/index.ts"
import { Canaries } from "./prove/fuzz/canaries.ts"
const c = new Canaries(1)
for (let i = 0; i < 40; i++) { const { text } = c.make({ place: "x" }); console.log(c.findIn(redactText(text)).length ? "✗" : "·", redactText(text), "   <=", text) }
for (const wrap of [(t:string)=>t,(t:string)=>JSON.stringify({a:t}),(t:string)=>JSON.stringify(JSON.stringify({a:t})),(t: string) => Buffer.from(t).toString("hex"), (t: string) => Buffer.from(t).toString("base64"), (t: string) => encodeURIComponent(t), (t: string) => Buffer.from(t).toString("hex").replaceAll(/../g,"%$&")]) {
  const k = new Canaries(2); let bad = 0; const ex = new Map<number,string>()
  for (let i = 0; i < 20000; i++) { const { text } = k.make({ place: "x" }); if (k.findIn(redactText(wrap(text))).length) { bad++; ex.set(i % 40, redactText(wrap(text)) + " <= " + text) } }
  console.log(String(wrap), bad, [...ex].slice(0, 6))
}
