// For programs that an agent may have started: small, and loaded before anything else.
export { MARKER_VARIABLE } from "./process-marker.ts"
