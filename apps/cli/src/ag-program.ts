import { fileURLToPath } from "node:url"

/** The file that runs `ag`, from source as well as built. */
export const agProgram = fileURLToPath(new URL("../bin/ag.js", import.meta.url))
