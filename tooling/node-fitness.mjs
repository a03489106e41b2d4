/** The lines that the project supports: 22.18+, 24.11+, and 26 on; odd majors are not kept up. */
export function isFit(version) {
  const [major, minor] = version.split(".").map(Number)
  if (major === 22) return minor >= 18
  if (major === 24) return minor >= 11
  return major >= 26 && major % 2 === 0
}

/** The same for people. */
export const fitLines = "22.18+, 24.11+ or 26+"
