export { redactJson } from "./redact-json.ts"
export { redactPieces } from "./redact-pieces.ts"
export { redactText } from "./redact-text.ts"
export { redactWords } from "./redact-words.ts"
