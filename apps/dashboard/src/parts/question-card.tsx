import type { FormEvent } from "react"
import { useClient } from "../live/client-context.ts"
import { useAction } from "../live/use-action.ts"
import { type AnswerField, answerContent, answerFields } from "./answer-fields.ts"
import { Problem } from "./problem.tsx"
import { visible } from "./words.ts"

export interface QuestionCardProps {
  readonly sessionId: string
  readonly question: {
    readonly questionId: string
    readonly message: string
    readonly schema: Readonly<Record<string, unknown>>
  }
}

/** What the agent wants to know, as a form. */
export function QuestionCard({ sessionId, question: { questionId, message, schema } }: QuestionCardProps) {
  const client = useClient()
  const { isRunning, failure, run } = useAction()
  const fields = answerFields(schema)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const content = answerContent(fields, new FormData(event.currentTarget))
    void run(() => client.answerQuestion(sessionId, { questionId, content }))
  }
  const decline = () => void run(() => client.answerQuestion(sessionId, { questionId, action: "decline" }))
  return (
    <form className="card question" aria-label={`Question: ${visible(message)}`} onSubmit={submit}>
      <header className="approval-title">
        <span className="question-mark" aria-hidden="true">
          ?
        </span>
        <h3>{visible(message)}</h3>
      </header>
      {fields.map((field) => (
        <QuestionField key={field.name} field={field} title={message} />
      ))}
      <Problem text={failure} />
      <footer className="approval-actions">
        <button type="submit" className="button button-primary" disabled={isRunning}>
          Answer
        </button>
        <button type="button" className="button button-quiet" disabled={isRunning} onClick={decline}>
          Decline
        </button>
      </footer>
    </form>
  )
}

function QuestionField({ field, title }: { readonly field: AnswerField; readonly title: string }) {
  const { name, input, isRequired, hint } = field
  const label = field.label === title ? "Answer" : visible(field.label)
  if (input.type === "choice")
    return (
      <fieldset className="choices">
        <legend>{label}</legend>
        {input.choices.map((choice) => (
          <label key={choice.value} className="choice">
            <input
              type={input.many ? "checkbox" : "radio"}
              name={name}
              value={choice.value}
              required={isRequired && !input.many}
            />
            <span>
              {visible(choice.label)}
              {choice.hint === undefined ? undefined : <small>{visible(choice.hint)}</small>}
            </span>
          </label>
        ))}
      </fieldset>
    )
  if (input.type === "boolean")
    return (
      <label className="choice">
        <input type="checkbox" name={name} />
        <span>{label}</span>
      </label>
    )
  return (
    <label className="field">
      <span>{label}</span>
      <input
        name={name}
        type={input.type}
        required={isRequired}
        {...(input.type === "number" ? { step: "any" } : {})}
      />
      {hint === undefined ? undefined : <small>{visible(hint)}</small>}
    </label>
  )
}
