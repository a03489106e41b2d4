/** A moment in the local time zone, to the minute; nothing where there is none. */
export function localMinute(at: string | undefined) {
  if (at === undefined) return ""
  const date = new Date(at)
  const [day, time] = [date.toLocaleDateString("sv-SE"), date.toLocaleTimeString("sv-SE")]
  return `${day} ${time.slice(0, 5)}`
}
