import { structuredPatch } from "diff"
import { Fragment } from "react"
import { visible } from "./words.ts"

export interface DiffLinesProps {
  readonly path: string
  readonly oldText: string
  readonly newText: string
}

const tones: Readonly<Record<string, string>> = { "+": "added", "-": "removed", "\\": "remark" }

/** What an edit changes, as a unified diff. */
export function DiffLines({ path, oldText, newText }: DiffLinesProps) {
  const { hunks } = structuredPatch(path, path, oldText, newText, "", "", { context: 3 })
  return (
    <figure className="diff">
      <figcaption>
        {visible(path)} {oldText === "" ? <span className="fine-print">new file</span> : undefined}
      </figcaption>
      <section className="code-scroll" aria-label={`Changes to ${visible(path)}`}>
        {hunks.map(({ oldStart, newStart, lines }) => (
          <Fragment key={`${oldStart}:${newStart}`}>
            {hunks.length > 1 ? <div className="diff-hunk">{`line ${newStart}`}</div> : undefined}
            {lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a hunk have no other name, and never move.
              <div key={index} className={`diff-line diff-${tones[line[0] ?? ""] ?? "same"}`}>
                <span className="diff-sign">{line[0]}</span>
                {visible(line.slice(1))}
                {"\n"}
              </div>
            ))}
          </Fragment>
        ))}
        {hunks.length === 0 ? <div className="diff-line diff-remark">nothing changes</div> : undefined}
      </section>
    </figure>
  )
}
