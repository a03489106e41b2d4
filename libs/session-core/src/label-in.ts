/** A label's value, if it has that label: names of labels are anybody's, and `constructor` is one, too. */
export function labelIn(labels: unknown, name: string): string | undefined {
  const all = labels as Readonly<Record<string, string>>
  return Object.hasOwn(all, name) ? all[name] : undefined
}
